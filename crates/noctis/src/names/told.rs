//! Names that come along with killmails, where a feed puts them beside the ids.

use jiff::Timestamp;
use noctis_store::names::NewNames;

use super::import::row;
use super::resolve::add;

/// What a body with names has in it, and one without has not: all fields of ESI's that are texts are called otherwise.
const MARK: &str = "_name\"";

/// Names gathered from the killmails of a batch.
#[derive(Debug, Default)]
pub struct Told {
    names: NewNames,
    /// When the oldest of the kills happened: so early, all of the names were true.
    as_of: Option<Timestamp>,
}

impl Told {
    /// Takes in the names of a mail, if it has any.
    pub fn hear(&mut self, body: &str, killmail_time: Timestamp) {
        if !body.contains(MARK) {
            return;
        }
        for row in row::of_json(body.as_bytes()).unwrap_or_default() {
            let Some(kind) = row.kind else { continue };
            add(&mut self.names, kind, row.id, row.name, row.ticker);
            let as_of = self.as_of.unwrap_or(killmail_time);
            self.as_of = Some(as_of.min(killmail_time));
        }
    }

    /// The names, each once, and when they were true; nothing if there are none.
    #[must_use]
    pub fn into_names(mut self) -> Option<(NewNames, Timestamp)> {
        self.names.sort_and_dedup();
        Some((self.names, self.as_of?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_true_as_of_the_oldest_kill_that_tells_one() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let body = |id: i64| {
            format!(
                r#"{{"killmail_id":1,"victim":{{"character_id":{id},"character_name":"P{id}"}},"attackers":[]}}"#
            )
        };
        let mut told = Told::default();
        told.hear(
            r#"{"killmail_id":1,"victim":{"character_id":90000003}}"#,
            at("2019-01-01T00:00:00Z"),
        );
        told.hear(&body(90_000_001), at("2020-01-02T00:00:00Z"));
        told.hear(&body(90_000_002), at("2020-01-01T00:00:00Z"));
        told.hear(&body(90_000_001), at("2020-01-03T00:00:00Z"));
        let (names, as_of) = told.into_names().unwrap();
        assert_eq!((names.len(), as_of), (2, at("2020-01-01T00:00:00Z")));
        assert!(Told::default().into_names().is_none());
    }
}
