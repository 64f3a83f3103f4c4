//! What was typed: pairs of the language, and the flags they came from, so that an error names what was typed.

use anyhow::{anyhow, bail};
use noctis_core::question::Fault;

/// Pairs of key and value with their flags.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) pairs: Vec<(String, String)>,
    flags: Vec<(&'static str, String)>,
}

impl Given {
    /// A flag that stands for a key.
    pub(super) fn plain(&mut self, flag: &'static str, key: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.flags.push((flag, key.to_owned()));
            self.pairs.push((key.to_owned(), value.clone()));
        }
    }

    /// A flag that takes names or ids: only digits, commas between and `-` before them, are ids.
    pub(super) fn named(&mut self, flag: &'static str, key: &str, value: Option<&String>) {
        let is_id = |word: &str| {
            let digits = word.trim().trim_start_matches('-');
            !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
        };
        let by_id = value.is_some_and(|value| value.split(',').all(is_id));
        let key = if by_id { format!("{key}_id") } else { key.to_owned() };
        self.plain(flag, &key, value);
    }

    /// A `--where KEY=VALUE`.
    pub(super) fn pair(&mut self, pair: &str) -> anyhow::Result<()> {
        let Some((key, value)) = pair.split_once('=') else {
            bail!("--where {pair} is no KEY=VALUE, such as min_value=1e9");
        };
        self.pairs.push((key.to_owned(), value.to_owned()));
        Ok(())
    }

    /// The pairs, at this cursor if there is one.
    pub(super) fn pairs_at(&self, cursor: Option<&str>) -> Vec<(String, String)> {
        let Some(cursor) = cursor else { return self.pairs.clone() };
        let mut pairs = self.pairs.clone();
        pairs.retain(|(key, _)| key != "cursor");
        pairs.push(("cursor".to_owned(), cursor.to_owned()));
        pairs
    }

    /// A fault in the words of the command line.
    pub(super) fn said(&self, fault: &Fault) -> anyhow::Error {
        match fault {
            Fault::Ambiguous { key, name, candidates } => {
                let all: Vec<String> =
                    candidates.iter().map(|(id, name)| format!("{id} ({name})")).collect();
                let (by_name, by_id) = match self.flag_of(key) {
                    Some(flag) => (format!("{flag} {name}"), format!("{flag} ID")),
                    None => (format!("{key}={name}"), format!("--where {key}_id=ID")),
                };
                anyhow!("{by_name} can mean several: {}; ask by id with {by_id}", all.join(", "))
            }
            Fault::BadValue { key, value, expected } => match self.flag_of(key) {
                Some(flag) => anyhow!("{flag} {value}: {expected}"),
                None => anyhow!("--where {key}={value}: {expected}"),
            },
            Fault::UnknownName { key, name } => match self.flag_of(key) {
                Some(flag) => anyhow!("{flag} {name}: no such name is known"),
                None => anyhow!("--where {key}={name}: no such name is known"),
            },
            Fault::Refused { key, why } => match self.flag_of(key) {
                Some(flag) => anyhow!("{flag}: {why}"),
                None => anyhow!("{fault}"),
            },
            Fault::UnknownKey { .. } | Fault::ForeignCursor => anyhow!("{fault}"),
        }
    }

    /// The flag that the key came from, if it came from one.
    fn flag_of(&self, key: &str) -> Option<&'static str> {
        self.flags.iter().find(|(_, own)| own == key).map(|(flag, _)| *flag)
    }
}
