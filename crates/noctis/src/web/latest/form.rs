//! The form that asks questions: a field for each of the language's main keys, names where the language takes names.

use crate::web::links::Pairs;

/// A field to write into: key, label, an example, and whether it is a number.
const FIELDS: [(&str, &str, &str, bool); 13] = [
    ("system", "System", "Jita", false),
    ("region", "Region", "The Forge", false),
    ("ship_type", "Ship lost", "Rifter", false),
    ("ship_group", "Ship group", "Dreadnought", false),
    ("character", "Character", "exact name", false),
    ("corporation", "Corporation", "exact name", false),
    ("alliance", "Alliance", "exact name", false),
    ("from", "From, EVE time", "7d or 2026-11-22", false),
    ("to", "To", "1h or 2026-11-23", false),
    ("min_value", "Worth at least", "1e9", true),
    ("max_value", "Worth at most", "5e9", true),
    ("module_tags", "Tags, all of", "Armor, Active", false),
    ("labels", "Labels, one of", "solo, capital", false),
];

/// Values with what a person reads.
type Choices = &'static [(&'static str, &'static str)];

/// Words of which one can be taken: key, label, and the values with what they say. The first is what holds unasked.
const CHOICES: [(&str, &str, Choices); 3] = [
    (
        "role",
        "They were",
        &[
            ("", "anyone on it"),
            ("victim", "the victim"),
            ("attacker", "an attacker"),
            ("final_blow", "the final blow"),
        ],
    ),
    (
        "security",
        "Security",
        &[
            ("", "any"),
            ("highsec", "highsec"),
            ("lowsec", "lowsec"),
            ("nullsec", "nullsec"),
            ("w-space", "w-space"),
            ("abyssal", "abyssal"),
        ],
    ),
    (
        "order",
        "Order",
        &[("", "newest first"), ("value", "most valuable"), ("arrival", "as they arrived")],
    ),
];

/// What can be ticked: key, the value that a tick asks, label.
const TICKS: [(&str, &str, &str); 3] = [
    ("solo", "true", "Solo kills only"),
    ("npc", "false", "No kills by NPCs alone"),
    ("awox", "true", "Kills of one's own corporation"),
];

/// The form with what has been asked in it.
pub(super) struct Form {
    pub(super) fields: Vec<Field>,
    pub(super) choices: Vec<Choice>,
    pub(super) ticks: Vec<Tick>,
    /// What has been asked by keys, or in words, that the form has no place for.
    pub(super) kept: Vec<(String, String)>,
    pub(super) is_open: bool,
}

pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) is_number: bool,
    pub(super) value: String,
}

pub(super) struct Choice {
    pub(super) key: &'static str,
    pub(super) label: &'static str,
    pub(super) options: Vec<Choosable>,
}

/// One of a choice's words.
pub(super) struct Choosable {
    pub(super) value: &'static str,
    pub(super) label: &'static str,
    pub(super) is_chosen: bool,
}

pub(super) struct Tick {
    pub(super) key: &'static str,
    pub(super) value: &'static str,
    pub(super) label: &'static str,
    pub(super) is_set: bool,
}

impl Form {
    pub(super) fn of(pairs: &Pairs) -> Form {
        let mut rest: Vec<(String, String)> =
            pairs.iter().filter(|(key, _)| key != "cursor").cloned().collect();
        let fields = FIELDS
            .into_iter()
            .map(|(key, label, hint, is_number)| {
                let value = take(&mut rest, key, |_| true).unwrap_or_default();
                Field { key, label, hint, is_number, value }
            })
            .collect();
        let choices = CHOICES
            .into_iter()
            .map(|(key, label, words)| {
                let is_word = |value: &str| words.iter().any(|(word, _)| *word == value);
                let chosen = take(&mut rest, key, is_word).unwrap_or_default();
                let option = |&(value, label): &(&'static str, &'static str)| Choosable {
                    value,
                    label,
                    is_chosen: value == chosen,
                };
                Choice { key, label, options: words.iter().map(option).collect() }
            })
            .collect();
        let ticks = TICKS
            .into_iter()
            .map(|(key, value, label)| {
                let is_set = take(&mut rest, key, |asked| asked == value).is_some();
                Tick { key, value, label, is_set }
            })
            .collect();
        Form { fields, choices, ticks, kept: rest, is_open: false }
    }
}

/// Takes out the first value of a key that the form can show; a second one of the same key is kept beside it.
fn take(
    rest: &mut Vec<(String, String)>,
    key: &str,
    is_shown: impl Fn(&str) -> bool,
) -> Option<String> {
    let place = rest.iter().position(|(asked, value)| asked == key && is_shown(value))?;
    Some(rest.remove(place).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(query: &[(&str, &str)]) -> Form {
        let pairs: Vec<(String, String)> =
            query.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Form::of(&pairs)
    }

    #[test]
    fn what_was_asked_stands_in_the_form_or_goes_along_with_it() {
        let form = form(&[
            ("system", "Jita"),
            ("security", "-highsec"),
            ("role", "victim"),
            ("solo", "true"),
            ("npc", "true"),
            ("labels", "capital"),
            ("labels", "solo"),
            ("character_id", "1"),
            ("cursor", "x"),
        ]);
        assert_eq!(form.fields[0].value, "Jita");
        let chosen: Vec<&str> = form
            .choices
            .iter()
            .flat_map(|choice| choice.options.iter().filter(|option| option.is_chosen))
            .map(|option| option.value)
            .collect();
        assert_eq!(chosen, ["victim", "", ""]);
        assert_eq!(
            form.ticks.iter().map(|tick| tick.is_set).collect::<Vec<_>>(),
            [true, false, false]
        );
        let kept: Vec<String> =
            form.kept.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(kept, ["security=-highsec", "npc=true", "labels=solo", "character_id=1"]);
    }
}
