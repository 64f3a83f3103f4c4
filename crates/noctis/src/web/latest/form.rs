//! The form that asks questions, and the filters of the question at hand.

use crate::web::links::{self, Pairs};

/// Key, label, an example, and whether it is a number.
const FIELDS: [(&str, &str, &str, bool); 9] = [
    ("system", "System", "Jita", false),
    ("ship_type", "Ship", "Rifter", false),
    ("character_id", "Character id", "2112625428", true),
    ("corporation_id", "Corporation id", "98356193", true),
    ("alliance_id", "Alliance id", "99005338", true),
    ("role", "Their role", "any, victim or attacker", false),
    ("from", "From, EVE time", "7d or 2026-11-22 14:00", false),
    ("to", "To", "1h or 2026-11-23", false),
    ("min_value", "Worth at least", "1e9", true),
];

/// Keys of pages, which filter nothing.
const PAGING: [&str; 3] = ["cursor", "limit", "order"];

/// The form with what has been asked in it.
pub(super) struct Form {
    pub(super) fields: Vec<Field>,
    /// What has been asked by keys that the form has no field for.
    pub(super) kept: Vec<(String, String)>,
}

pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) is_number: bool,
    pub(super) value: String,
}

/// A filter, and the question without it.
pub(super) struct Chip {
    pub(super) text: String,
    pub(super) href: String,
}

impl Form {
    pub(super) fn of(pairs: &Pairs) -> Form {
        let value_of = |key: &str| {
            let pair = pairs.iter().find(|(asked, _)| asked == key);
            pair.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let fields = FIELDS
            .into_iter()
            .map(|(key, label, hint, is_number)| Field {
                key,
                label,
                hint,
                is_number,
                value: value_of(key),
            })
            .collect();
        let has_field = |key: &str| FIELDS.iter().any(|(field, ..)| *field == key);
        let kept =
            pairs.iter().filter(|(key, _)| !has_field(key) && key != "cursor").cloned().collect();
        Form { fields, kept }
    }
}

pub(super) fn chips(pairs: &Pairs) -> Vec<Chip> {
    pairs
        .iter()
        .enumerate()
        .filter(|(_, (key, _))| !PAGING.contains(&key.as_str()))
        .map(|(index, (key, value))| Chip {
            text: format!("{key} = {value}"),
            href: links::without(pairs, Some(index)),
        })
        .collect()
}
