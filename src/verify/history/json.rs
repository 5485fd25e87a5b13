//! Histories as JSON: an object with the calls, one to a line, so that a history can be read and
//! compared by line.
//!
//! ```json
//! {"uncertainty":0,"calls":[
//! {"process":0,"operation":{"Push":1},"invoked":3,"returned":{"at":5,"result":"Done"}},
//! {"process":1,"operation":"Pop","invoked":4,"returned":null}
//! ]}
//! ```
//!
//! What JSON cannot tell apart is lost: of an `Option` in an `Option` the `Some(None)` (it is `null`, as
//! is `None`), and numbers that are not finite (`null` too, which is read as `None` or refused).
//! Operations and results with such values need a `Serialize` that says more.
//!
//! Times are whole numbers, usually nanoseconds. `uncertainty` may be left out. A call that is
//! pending returned `null`.

use super::{Call, History, Malformed};
use core::fmt;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(deserialize = "O: Deserialize<'de>, R: Deserialize<'de>"))]
struct Unchecked<O, R> {
    #[serde(default)]
    uncertainty: u64,
    calls: Vec<Call<O, R>>,
}

impl<O, R> TryFrom<Unchecked<O, R>> for History<O, R> {
    type Error = Malformed;

    fn try_from(unchecked: Unchecked<O, R>) -> Result<Self, Malformed> {
        History::widened(unchecked.calls, unchecked.uncertainty)
    }
}

impl<'de, O: Deserialize<'de>, R: Deserialize<'de>> Deserialize<'de> for History<O, R> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let unchecked = Unchecked::deserialize(deserializer)?;
        History::try_from(unchecked).map_err(serde::de::Error::custom)
    }
}

impl<O: Serialize, R: Serialize> Serialize for History<O, R> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("History", 2)?;
        fields.serialize_field("uncertainty", &self.uncertainty)?;
        fields.serialize_field("calls", &self.calls)?;
        fields.end()
    }
}

impl<O, R> History<O, R> {
    /// The history as JSON, one call to a line.
    ///
    /// # Panics
    /// When an operation or a result has no JSON: a map whose keys are not strings, or a
    /// `Serialize` of its own that fails.
    pub fn to_json(&self) -> String
    where
        O: Serialize,
        R: Serialize,
    {
        let mut text = format!("{{\"uncertainty\":{},\"calls\":[", self.uncertainty);
        for (nth, call) in self.calls.iter().enumerate() {
            text.push_str(if nth == 0 { "\n" } else { ",\n" });
            let call = serde_json::to_string(call).expect("an operation and its result have JSON");
            text.push_str(&call);
        }
        text.push_str("\n]}\n");
        text
    }

    /// The history that a JSON text holds, in whatever layout.
    ///
    /// # Errors
    /// When the text is no JSON, or not a history of these operations and results: with the line and
    /// column. When the calls are not what processes can have made: with the call.
    pub fn from_json<'a>(text: &'a str) -> Result<Self, NotHistory>
    where
        O: Deserialize<'a>,
        R: Deserialize<'a>,
    {
        let unchecked: Unchecked<O, R> = serde_json::from_str(text).map_err(NotHistory::Json)?;
        History::try_from(unchecked).map_err(NotHistory::Calls)
    }
}

/// A text that holds no history.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotHistory {
    /// It is no JSON, or holds something else. The error knows the line and the column.
    Json(serde_json::Error),
    /// It holds calls that no processes can have made.
    Calls(Malformed),
}

impl fmt::Display for NotHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // It says "... at line 2 column 5".
            NotHistory::Json(error) => write!(f, "no history in JSON: {error}"),
            NotHistory::Calls(malformed) => malformed.fmt(f),
        }
    }
}

impl core::error::Error for NotHistory {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            NotHistory::Json(error) => Some(error),
            NotHistory::Calls(malformed) => Some(malformed),
        }
    }
}
