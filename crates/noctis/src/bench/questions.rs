//! The questions people ask of a killboard, one a line: what is asked, of whom, and how often among others.
//!
//! In a path stands `{id}` for each argument of its kind; `{1h}`, `{24h}`, `{7d}`, `{30d}` for so long before the store's
//! last kill, `{end}` for that moment; `{busiest …}`, `{typical …}` for such an id of another kind; `{100 characters}`.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What an answer costs, and so which goal it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Kills by their order: the goal is 10 ms.
    Page,
    /// Something is added up: the goal is 50 ms.
    Aggregate,
}

/// A line of the table.
struct Question {
    name: &'static str,
    class: Class,
    /// Whether a range of time bounds it; else it may have to walk all months.
    is_bounded: bool,
    /// Whose arguments it is asked with; none has but one form.
    kind: Option<&'static str>,
    /// Its share among all requests of an open loop.
    share: u32,
    path: &'static str,
    /// Sent with POST, if there is one.
    body: Option<&'static str>,
    /// Pages to turn first, by the answers' cursors.
    pages: u32,
}

/// Pages come ten times as often as what adds up.
const PAGE: Question = Question {
    name: "",
    class: Class::Page,
    is_bounded: false,
    kind: None,
    share: 10,
    path: "",
    body: None,
    pages: 0,
};
const COUNT: Question = Question { class: Class::Aggregate, share: 1, ..PAGE };

const fn page(name: &'static str, kind: Option<&'static str>, path: &'static str) -> Question {
    Question { name, kind, path, ..PAGE }
}

/// A page whose time is bounded, by a range or by what is known of its kills.
const fn bounded(name: &'static str, kind: Option<&'static str>, path: &'static str) -> Question {
    Question { name, kind, path, is_bounded: true, ..PAGE }
}

const fn count(name: &'static str, kind: &'static str, path: &'static str) -> Question {
    Question { name, kind: Some(kind), path, ..COUNT }
}

const fn top(name: &'static str, path: &'static str) -> Question {
    Question { name, path, is_bounded: true, ..COUNT }
}

/// Pages turned before a deep one.
const DEEP_PAGES: u32 = 20;

#[rustfmt::skip]
const QUESTIONS: &[Question] = &[
    page("Q1 latest", None, "/killmails"),
    page("Q2 system", Some("system"), "/killmails?system_id={id}"),
    page("Q2 constellation", Some("constellation"), "/killmails?constellation_id={id}"),
    page("Q2 region", Some("region"), "/killmails?region_id={id}"),
    bounded("Q2 system, a day", Some("system"), "/killmails?system_id={id}&from={24h}&to={end}"),
    bounded("Q2 region, a day", Some("region"), "/killmails?region_id={id}&from={24h}&to={end}"),
    page("Q3 kills of a character", Some("character"), "/killmails?attacker.character_id={id}"),
    page("Q3 kills of a corporation", Some("corporation"), "/killmails?attacker.corporation_id={id}"),
    page("Q3 kills of an alliance", Some("alliance"), "/killmails?attacker.alliance_id={id}"),
    page("Q4 losses of a character", Some("character"), "/killmails?victim.character_id={id}"),
    page("Q4 losses of a corporation", Some("corporation"), "/killmails?victim.corporation_id={id}"),
    page("Q4 losses of an alliance", Some("alliance"), "/killmails?victim.alliance_id={id}"),
    page("Q4 losses of a ship", Some("ship"), "/killmails?ship_type_id={id}"),
    page("Q5 both, a character", Some("character"), "/killmails?character_id={id}"),
    page("Q5 both, a corporation", Some("corporation"), "/killmails?corporation_id={id}"),
    page("Q5 both, an alliance", Some("alliance"), "/killmails?alliance_id={id}"),
    Question { pages: DEEP_PAGES, ..page("Q6 a deep page", None, "/killmails") },
    Question { pages: DEEP_PAGES, ..page("Q6 a deep page of an alliance", None, "/killmails?alliance_id={busiest alliance}") },
    bounded("Q7 a kill", Some("kill"), "/killmails/{id}"),
    Question { body: Some("{\"killmail_ids\":[{500 kills},{500 missing}]}"), ..bounded("Q8 which of 1,000 exist", None, "/killmails/exists") },
    bounded("Q9 ids of a day", None, "/killmails?fields=ids&from={24h}&to={end}&limit=1000"),
    page("Q10 all filters", Some("group"), "/killmails?security=nullsec&solo=true&npc=false&ship_group_id={id}&max_attacker_count=5"),
    page("Q10 all filters and value", Some("group"), "/killmails?security=lowsec&min_value=1000000&max_value=1000000000&npc=false&ship_group_id={id}"),
    bounded("Q11 most valuable, 1 h", None, "/most-valuable?from={1h}&to={end}"),
    bounded("Q11 most valuable, 24 h", None, "/most-valuable?from={24h}&to={end}"),
    bounded("Q11 most valuable, 7 d", None, "/most-valuable?from={7d}&to={end}"),
    bounded("Q11 most valuable, 30 d", None, "/most-valuable?from={30d}&to={end}"),
    bounded("Q11 most valuable of a region, 30 d", Some("region"), "/most-valuable?from={30d}&to={end}&region_id={id}"),
    count("Q12 page of a character", "character", "/characters/{id}"),
    count("Q12 page of a corporation", "corporation", "/corporations/{id}"),
    count("Q12 page of an alliance", "alliance", "/alliances/{id}"),
    count("Q12 page of a system", "system", "/systems/{id}"),
    count("Q12 page of a region", "region", "/regions/{id}"),
    count("Q12 page of a ship", "ship", "/ships/{id}"),
    top("Q13 top characters, 7 d", "/top?kind=characters&by=kills&from={7d}&to={end}"),
    top("Q13 top corporations, 7 d", "/top?kind=corporations&by=kills&from={7d}&to={end}"),
    top("Q13 top alliances, 7 d", "/top?kind=alliances&by=kills&from={7d}&to={end}"),
    top("Q13 top systems, 7 d", "/top?kind=systems&by=kills&from={7d}&to={end}"),
    top("Q13 top ships, 7 d", "/top?kind=ships&by=losses&from={7d}&to={end}"),
    page("Q14 a list of 100", None, "/killmails?character_id={100 characters}"),
    bounded("Q15 a loss and its pod", Some("pod"), "/killmails/{id}"),
    page("Q16 an item", Some("item_type"), "/killmails?item_type_id={id}"),
    page("Q16 an item, fitted", Some("item_type"), "/killmails?fitted.item_type_id={id}"),
    page("Q16 an item, dropped", Some("item_type"), "/killmails?dropped.item_type_id={id}"),
    bounded("Q17 one alliance without another", Some("group"), "/killmails?attacker.alliance_id={busiest alliance},-{typical alliance}&ship_group_id={id}&from={7d}&to={end}"),
    Question { pages: 1, ..page("Q20 poll after a cursor", None, "/killmails?order=arrival") },
    Question { is_bounded: true, ..count("Q22 a battle", "battle", "/killmails/{id}/battle") },
    page("Q24 a tag", Some("tag"), "/killmails?module_tags={id}"),
    page("Q24 two tags", Some("tag"), "/killmails?module_tags={id},{typical tag}"),
];

/// Where the API is.
const ROOT: &str = "/api/v1";

/// Ids that questions are filled with, by kind and rank, and lists of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arguments {
    /// By kind, then by rank: `busiest`, `typical`, `rare`, `missing`.
    pub of: BTreeMap<String, BTreeMap<String, String>>,
    /// 100 characters, from the busiest to the rarest.
    pub characters: Vec<i64>,
    /// 500 kills of the newest month.
    pub kills: Vec<i64>,
}

/// A question with one argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub question: &'static str,
    /// `busiest`, `typical`, `rare`, `missing`; empty where there is but one form.
    pub argument: String,
    pub class: Class,
    pub is_bounded: bool,
    pub share: u32,
    pub path: String,
    pub body: Option<String>,
    /// Pages that have to be turned before this is the question.
    pub pages: u32,
}

/// An id that nobody has, by kind.
#[must_use]
pub fn missing(kind: &str) -> &'static str {
    match kind {
        "tag" => "Nothing Has This Tag",
        "character" => "2999999999",
        "corporation" => "98999999",
        "alliance" => "99999999",
        "system" | "constellation" | "region" => "39999999",
        _ => "999999",
    }
}

/// All questions with all their arguments; `only` keeps those whose names begin with one of these, all if there is none.
#[must_use]
pub fn cases(arguments: &Arguments, end: Timestamp, only: &[String]) -> Vec<Case> {
    let is_wanted = |name: &str| only.is_empty() || only.iter().any(|begin| starts(name, begin));
    let none = BTreeMap::new();
    QUESTIONS
        .iter()
        .filter(|question| is_wanted(question.name))
        .flat_map(|question| {
            let ranked: Vec<(&str, &str)> = match question.kind {
                None => vec![("", "")],
                Some(kind) => {
                    let of = arguments.of.get(kind).unwrap_or(&none);
                    ["busiest", "typical", "rare", "missing"]
                        .iter()
                        .filter_map(|rank| Some((*rank, of.get(*rank)?.as_str())))
                        .collect()
                }
            };
            ranked.into_iter().map(move |(rank, id)| Case {
                question: question.name,
                argument: rank.to_owned(),
                class: question.class,
                is_bounded: question.is_bounded,
                share: question.share,
                path: format!("{ROOT}{}", filled(question.path, id, arguments, end, true)),
                body: question.body.map(|body| filled(body, id, arguments, end, false)),
                pages: question.pages,
            })
        })
        .collect()
}

/// `Q1` begins `Q1 latest` and not `Q10 …`.
fn starts(name: &str, begin: &str) -> bool {
    name.strip_prefix(begin)
        .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
}

fn filled(
    template: &str,
    id: &str,
    arguments: &Arguments,
    end: Timestamp,
    is_address: bool,
) -> String {
    let encoded = |text: &str| {
        if is_address {
            form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
        } else {
            text.to_owned()
        }
    };
    let list = |ids: &[i64]| ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let before = |hours: i64| {
        encoded(
            &end.saturating_sub(SignedDuration::from_hours(hours))
                .map_or_else(|_| end.to_string(), |time| time.to_string()),
        )
    };
    let mut text = template
        .replace("{id}", &encoded(id))
        .replace("{end}", &encoded(&end.to_string()))
        .replace("{1h}", &before(1))
        .replace("{24h}", &before(24))
        .replace("{7d}", &before(7 * 24))
        .replace("{30d}", &before(30 * 24))
        .replace("{100 characters}", &list(&arguments.characters))
        .replace("{500 kills}", &list(&arguments.kills))
        .replace("{500 missing}", &list(&(1..=500).collect::<Vec<_>>()));
    for (kind, of) in &arguments.of {
        for (rank, id) in of {
            text = text.replace(&format!("{{{rank} {kind}}}"), &encoded(id));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments() -> Arguments {
        let of = |kind: &str| {
            let ranks =
                [("busiest", "7"), ("typical", "8"), ("rare", "9"), ("missing", missing(kind))];
            ranks.into_iter().map(|(rank, id)| (rank.to_owned(), id.to_owned())).collect()
        };
        let kinds = QUESTIONS.iter().filter_map(|question| question.kind);
        Arguments {
            of: kinds.chain(["alliance", "tag"]).map(|kind| (kind.to_owned(), of(kind))).collect(),
            characters: vec![1, 2],
            kills: vec![3],
        }
    }

    #[test]
    fn every_question_is_filled_with_every_argument() {
        let end = "2026-11-23T00:00:00Z".parse().unwrap();
        let cases = cases(&arguments(), end, &[]);
        let unfilled: Vec<&Case> = cases.iter().filter(|case| case.path.contains('{')).collect();
        assert!(unfilled.is_empty(), "{unfilled:#?}");
        let asked = QUESTIONS.iter().map(|question| if question.kind.is_some() { 4 } else { 1 });
        assert_eq!(cases.len(), asked.sum::<usize>());
        let exists = cases.iter().find(|case| case.body.is_some()).unwrap();
        assert!(exists.body.as_ref().unwrap().starts_with("{\"killmail_ids\":[3,1,2,"));
        let day = cases.iter().find(|case| case.question == "Q2 system, a day").unwrap();
        assert_eq!(
            day.path,
            "/api/v1/killmails?system_id=7&from=2026-11-22T00%3A00%3A00Z&to=2026-11-23T00%3A00%3A00Z"
        );
    }

    #[test]
    fn a_number_is_not_the_beginning_of_another() {
        let end = "2026-11-23T00:00:00Z".parse().unwrap();
        let names: Vec<&str> =
            cases(&arguments(), end, &["Q1".to_owned()]).iter().map(|case| case.question).collect();
        assert_eq!(names, ["Q1 latest"]);
    }
}
