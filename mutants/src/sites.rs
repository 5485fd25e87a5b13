//! Finds the orderings in a source: tokens, so that comments and strings do not count.
//!
//! A site's name is its file, function, receiver and operation, not its line: it stays true when
//! lines move. Where a name comes twice in a function, a number tells them apart.
//!
//! An ordering that stands in no operation, or in one that is not known, is an error: nothing is
//! passed over in silence. So is an ordering by any other name than `Ordering::NAME`: one that was
//! imported, or that is reached through an alias of `Ordering`. Tests and arms of matches, which
//! translate an ordering rather than choose one, do not count.

use crate::order::{Order, Role};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::{fmt, ops::Range};

/// An ordering that is stronger than Relaxed.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) file: String,
    pub(crate) function: String,
    /// What the operation is called on, as the source says it, without `self`.
    pub(crate) receiver: String,
    pub(crate) method: String,
    pub(crate) role: Role,
    pub(crate) order: Order,
    /// 2 for the second one of this name, and so on.
    pub(crate) number: usize,
    /// The pairings that the comment above names.
    pub(crate) tags: Vec<String>,
    /// The bytes of the ordering.
    pub(crate) order_at: Range<usize>,
    /// The bytes of the whole call, where it is a fence.
    pub(crate) fence_at: Option<Range<usize>>,
}

impl Site {
    /// The operation and its ordering.
    pub(crate) fn operation(&self) -> String {
        let Site { receiver, method, order, .. } = self;
        let dot = if receiver.is_empty() { "" } else { "." };
        let orders = match self.role {
            Role::Update if method.starts_with("compare") => format!("{order}, _"),
            Role::Failure => format!("_, {order}"),
            _ => order.to_string(),
        };
        let number = if self.number > 1 { format!(" #{}", self.number) } else { String::new() };
        format!("{receiver}{dot}{method}({orders}){number}")
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.file, self.function, self.operation())
    }
}

/// A call, or a pair of orderings that a later call takes.
#[derive(Clone)]
struct Call {
    method: String,
    receiver: String,
    /// The call's bytes.
    at: Range<usize>,
}

struct Finder<'s> {
    file: &'s str,
    source: &'s str,
    sites: Vec<Site>,
}

/// The sites of a file, in its order.
pub(crate) fn find(file: &str, source: &str) -> Result<Vec<Site>, String> {
    let tokens: TokenStream = source.parse().map_err(|error| format!("{file}: {error}"))?;
    let mut finder = Finder { file, source, sites: Vec::new() };
    finder.tokens(tokens, "", None)?;
    let mut sites = finder.sites;
    for index in 1..sites.len() {
        let (before, rest) = sites.split_at_mut(index);
        let site = &mut rest[0];
        let same = |other: &&Site| {
            other.function == site.function
                && Site { number: 1, ..(*other).clone() }.operation()
                    == Site { number: 1, ..site.clone() }.operation()
        };
        site.number = 1 + before.iter().filter(same).count();
    }
    Ok(sites)
}

impl Finder<'_> {
    fn tokens(
        &mut self,
        tokens: TokenStream,
        function: &str,
        call: Option<&Call>,
    ) -> Result<(), String> {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut function = function.to_owned();
        let mut orders = 0;
        let mut at = 0;
        while at < tokens.len() {
            if is_test(&tokens, at) {
                at = after_item(&tokens, at);
                continue;
            }
            match &tokens[at] {
                TokenTree::Ident(name) if name == "fn" => {
                    if let Some(TokenTree::Ident(name)) = tokens.get(at + 1) {
                        function = name.to_string();
                    }
                }
                TokenTree::Ident(name) if name == "Ordering" => {
                    if let Some(order) = order_at(&tokens, at) {
                        if !is_arm(&tokens, at + 4) {
                            self.order(&tokens, at, order, &function, call, orders)?;
                            orders += 1;
                        }
                        at += 3;
                    } else if is_alias(&tokens, at) {
                        return Err(self.unseen(&tokens[at]));
                    }
                }
                // `Ordering::` does not stand before it, or this loop had passed it.
                TokenTree::Ident(name) if Order::parse(&name.to_string()).is_some() => {
                    return Err(self.unseen(&tokens[at]));
                }
                TokenTree::Group(group) => {
                    let inner = call_of(&tokens, at, group);
                    self.tokens(group.stream(), &function, inner.as_ref())?;
                }
                _ => {}
            }
            at += 1;
        }
        Ok(())
    }

    /// The error of a name by which an ordering would be passed over.
    fn unseen(&self, token: &TokenTree) -> String {
        let (file, line) = (self.file, token.span().start().line);
        format!("{file}:{line}: {token}: orderings are written `Ordering::NAME`, without an alias")
    }

    /// Notes the ordering at a token, the one number `argument` of its call.
    fn order(
        &mut self,
        tokens: &[TokenTree],
        at: usize,
        order: Order,
        function: &str,
        call: Option<&Call>,
        argument: usize,
    ) -> Result<(), String> {
        let start = tokens[at].span();
        let (file, line) = (self.file, start.start().line);
        let role = call.and_then(|call| Role::of(&call.method, argument));
        let (Some(call), Some(role)) = (call, role) else {
            return Err(format!("{file}:{line}: an ordering that is of no operation"));
        };
        if order == Order::Relaxed {
            return Ok(());
        }
        let method = call.method.trim_end_matches("_weak").to_owned();
        self.sites.push(Site {
            file: file.to_owned(),
            function: function.to_owned(),
            receiver: call.receiver.clone(),
            method,
            role,
            order,
            number: 1,
            tags: tags(self.source, line),
            order_at: start.byte_range().start..tokens[at + 3].span().byte_range().end,
            fence_at: (role == Role::Fence).then(|| call.at.clone()),
        });
        Ok(())
    }
}

/// The order that a path names which begins at a token: `Ordering::Acquire`.
fn order_at(tokens: &[TokenTree], at: usize) -> Option<Order> {
    match (tokens.get(at + 1)?, tokens.get(at + 2)?, tokens.get(at + 3)?) {
        (TokenTree::Punct(one), TokenTree::Punct(two), TokenTree::Ident(name))
            if one.as_char() == ':' && two.as_char() == ':' =>
        {
            Order::parse(&name.to_string())
        }
        _ => None,
    }
}

/// Whether `Ordering` at a token gets another name, or lists what it holds.
fn is_alias(tokens: &[TokenTree], at: usize) -> bool {
    let opens = match tokens.get(at + 3) {
        Some(TokenTree::Group(_)) => true,
        star => is_punct(star, '*'),
    };
    is_ident(tokens.get(at + 1), "as") || (is_separator(tokens, at + 1) && opens)
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == wanted)
}

/// Whether `::` begins at a token.
fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')
}

fn is_ident(token: Option<&TokenTree>, wanted: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(name)) if name == wanted)
}

/// Whether what ended before a token is a pattern of a match.
fn is_arm(tokens: &[TokenTree], at: usize) -> bool {
    let arrow = is_punct(tokens.get(at), '=') && is_punct(tokens.get(at + 1), '>');
    let or = is_punct(tokens.get(at), '|') && !is_punct(tokens.get(at + 1), '|');
    arrow || or
}

/// Whether an attribute that begins here leaves its item to tests.
fn is_test(tokens: &[TokenTree], at: usize) -> bool {
    let Some(TokenTree::Group(attribute)) = tokens.get(at + 1) else { return false };
    let attribute = attribute.stream().to_string().replace(' ', "");
    is_punct(tokens.get(at), '#')
        && (attribute == "test"
            || attribute.starts_with("cfg(test")
            || attribute.starts_with("cfg(all(test"))
}

/// Where the item ends that begins at a token.
fn after_item(tokens: &[TokenTree], mut at: usize) -> usize {
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Punct(mark) if mark.as_char() == ';' => break,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
            _ => {}
        }
    }
    at
}

/// The call whose arguments a group holds, or will: `let (success, failure) = (..);` is of the next
/// compare-exchange in its block.
fn call_of(tokens: &[TokenTree], at: usize, group: &Group) -> Option<Call> {
    if group.delimiter() != Delimiter::Parenthesis || at == 0 {
        return None;
    }
    if let TokenTree::Ident(name) = &tokens[at - 1] {
        return Some(call_at(tokens, at - 1, &name.to_string(), group));
    }
    let names = match tokens.get(at.wrapping_sub(2)) {
        Some(TokenTree::Group(names)) if is_punct(tokens.get(at - 1), '=') => names,
        _ => return None,
    };
    if names.stream().to_string().replace(' ', "") != "success,failure"
        || !is_ident(tokens.get(at.wrapping_sub(3)), "let")
    {
        return None;
    }
    let (taker, name) =
        tokens[at..].iter().enumerate().find_map(|(offset, token)| match token {
            TokenTree::Ident(name) if name.to_string().starts_with("compare_exchange") => {
                Some((at + offset, name.to_string()))
            }
            _ => None,
        })?;
    Some(call_at(tokens, taker, &name, group))
}

/// The call whose name stands at a token; its receiver is the path of names before that.
fn call_at(tokens: &[TokenTree], name_at: usize, method: &str, group: &Group) -> Call {
    let mut begin = name_at;
    let mut receiver = String::new();
    while begin > 0 {
        let part = match &tokens[begin - 1] {
            TokenTree::Punct(mark) if mark.as_char() == '.' => mark.to_string(),
            // A colon alone stands before a value.
            TokenTree::Punct(_) if begin > 1 && is_separator(tokens, begin - 2) => {
                begin -= 1;
                "::".to_owned()
            }
            // Two names in a row are no path: `return head.load(..)`.
            name @ (TokenTree::Ident(_) | TokenTree::Literal(_))
                if receiver.starts_with(['.', ':']) =>
            {
                name.to_string()
            }
            _ => break,
        };
        receiver.insert_str(0, &part);
        begin -= 1;
    }
    let at = tokens[begin].span().byte_range().start..group.span_close().byte_range().end;
    let receiver = receiver.trim_matches(['.', ':']);
    let receiver = receiver.strip_prefix("self.").unwrap_or(receiver);
    // The path of a fence says nothing.
    let receiver = if method.ends_with("fence") { "" } else { receiver };
    Call { method: method.to_owned(), receiver: receiver.to_owned(), at }
}

/// The pairings `[P1]` that the comment at or above a line names, nearest first.
fn tags(source: &str, line: usize) -> Vec<String> {
    let lines: Vec<&str> = source.lines().collect();
    let is_comment = |line: &&str| line.trim_start().starts_with("//");
    let own = lines[line - 1].split_once("//").map(|(_, comment)| comment);
    let above = &lines[line.saturating_sub(9)..line - 1];
    let last = above.iter().rposition(is_comment);
    let block = last.map_or(&[][..], |last| {
        let first = above[..=last].iter().rposition(|line| !is_comment(line));
        &above[first.map_or(0, |first| first + 1)..=last]
    });
    let mut tags = Vec::new();
    for text in own.into_iter().chain(block.iter().copied()) {
        for part in text.split("[P").skip(1) {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            if !digits.is_empty() && part[digits.len()..].starts_with(']') {
                tags.push(format!("P{digits}"));
            }
        }
    }
    tags.sort();
    tags.dedup();
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &str) -> Vec<String> {
        find("f.rs", source).unwrap().iter().map(Site::to_string).collect()
    }

    #[test]
    fn each_ordering_of_an_operation_is_found_and_named() {
        let source = r#"
            //! Ordering::SeqCst
            use core::sync::atomic::Ordering;
            fn f(&self) -> T {
                // Ordering::Release
                let head = || self.head.load(Ordering::Acquire, guard);
                if x { return last
                    .next
                    .compare_exchange_weak(a, b, Ordering::Release, Ordering::Relaxed, guard) }
                list.swap(c, Ordering::Relaxed);
                let made = Made { first: a.b.load(Ordering::Acquire) };
                call(self.0.fetch_sub(1, Ordering::AcqRel) == 1, "Ordering::SeqCst");
                atomic::fence(Ordering::SeqCst);
            }
            fn g() {
                let (success, failure) = (Ordering::Release, Ordering::Acquire);
                word.load(Ordering::Acquire) ^ word.load(Ordering::Acquire);
                link.compare_exchange(a, b, success, failure);
                match order { Ordering::Acquire | Ordering::AcqRel => Ordering::is(x), _ => y }
            }
            #[cfg(test)]
            mod tests { fn f() { x.load(Ordering::Acquire); } }
        "#;
        assert_eq!(
            names(source),
            [
                "f.rs f: head.load(Acquire)",
                "f.rs f: last.next.compare_exchange(Release, _)",
                "f.rs f: a.b.load(Acquire)",
                "f.rs f: 0.fetch_sub(AcqRel)",
                "f.rs f: fence(SeqCst)",
                "f.rs g: link.compare_exchange(Release, _)",
                "f.rs g: link.compare_exchange(_, Acquire)",
                "f.rs g: word.load(Acquire)",
                "f.rs g: word.load(Acquire) #2",
            ]
        );
        let fence = &find("f.rs", source).unwrap()[4];
        assert_eq!(&source[fence.order_at.clone()], "Ordering::SeqCst");
        assert_eq!(&source[fence.fence_at.clone().unwrap()], "atomic::fence(Ordering::SeqCst)");
    }

    #[test]
    fn an_ordering_of_nothing_known_is_an_error() {
        for source in [
            "const ORDER: Ordering = Ordering::Acquire;",
            "fn f() { word.frob(Ordering::Acquire); }",
            "fn f() { let order = if x { Ordering::Acquire } else { Ordering::Relaxed }; }",
        ] {
            assert!(find("f.rs", source).is_err(), "{source}");
        }
    }

    #[test]
    fn an_ordering_by_another_name_is_an_error() {
        for source in [
            "use core::sync::atomic::Ordering::{self as O, Acquire};",
            "use core::sync::atomic::{AtomicUsize, Ordering::{self as O}};",
            "use core::sync::atomic::Ordering as O;",
            "use core::sync::atomic::{Ordering as O, AtomicUsize};",
            "use core::sync::atomic::Ordering::Acquire;",
            "use core::sync::atomic::Ordering::Acquire as A;",
            "use core::sync::atomic::Ordering::*;",
            "use crate::other::Acquire;",
            "type O = Ordering; fn f() { x.load(O::Acquire); }",
            "fn f() { x.load(Acquire); }",
            "fn f() { x.store(1, O::Release); }",
            "fn f() { x.load(<Ordering>::Acquire); }",
            "fn f() { match order { Acquire => 1, _ => 2 } }",
        ] {
            let error = find("f.rs", source).map(|sites| sites.len()).expect_err(source);
            assert!(error.starts_with("f.rs:1: "), "{error}");
        }
        for source in [
            "use core::sync::atomic::{AtomicUsize, Ordering};",
            "pub use core::sync::atomic::Ordering; type T = u8; fn f(order: Ordering) -> Ordering {}",
            "fn f() { a.cmp(b) == Ordering::Less }",
            "#[cfg(test)] mod tests { use core::sync::atomic::Ordering::{self as O, Acquire}; }",
        ] {
            assert!(find("f.rs", source).unwrap().is_empty(), "{source}");
        }
    }

    #[test]
    fn the_tags_are_those_of_the_comment_above() {
        let source = "fn f() {\n// [P9] Acquire.\na.load(Ordering::Acquire);\n\
            // [P2] Release [P1].\n// [I1], [P] too.\nb(\n).c\n.store(1, Ordering::Release);\n\
            d.load(Ordering::Acquire); // [P4]\n}";
        let tags: Vec<_> =
            find("f.rs", source).unwrap().into_iter().map(|site| site.tags).collect();
        assert_eq!(tags, [vec!["P9"], vec!["P1", "P2"], vec!["P1", "P2", "P4"]]);
    }
}
