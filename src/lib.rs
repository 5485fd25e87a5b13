#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

pub mod bag;
pub(crate) mod base;
pub mod deque;
pub(crate) mod facade;
pub mod map;
pub mod queue;
pub mod reclaim;
pub mod select;
pub mod stack;
pub mod sync;
#[cfg(feature = "verify")]
pub mod verify;
pub mod wait;
