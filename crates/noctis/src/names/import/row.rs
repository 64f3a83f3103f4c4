//! One row of a list of names, as JSON or CSV; and the names that stand in a killmail, where a feed put them there.

use noctis_store::names::{Kind, is_usable};
use serde_json::{Map, Value};

/// How deep names may stand in a value.
const DEPTH_MAX: u32 = 8;

/// A name that a list tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// None where neither the list nor the number tells.
    pub kind: Option<Kind>,
    pub id: i64,
    pub name: String,
    pub ticker: Option<String>,
}

/// Ids of which the number tells the kind, ends included: NPC corporations and their agents, and what was made since 2010.
/// What is older shares one range, so it needs to be told.
const RANGES: [(i64, i64, Kind); 6] = [
    (1_000_000, 1_999_999, Kind::Corporation),
    (3_000_000, 3_999_999, Kind::Character),
    (90_000_000, 97_999_999, Kind::Character),
    (98_000_000, 98_999_999, Kind::Corporation),
    (99_000_000, 99_999_999, Kind::Alliance),
    (2_100_000_000, 2_199_999_999, Kind::Character),
];

/// What else ESI names in the same way; those are static data.
const ELSEWHERE: [&str; 6] =
    ["faction", "inventory_type", "solar_system", "constellation", "region", "station"];

/// The fields in which killmails carry names: ESI's way of writing, and that of the older API.
const IN_KILLMAILS: [(Kind, [(&str, &str); 2]); 3] = [
    (Kind::Character, [("character_id", "character_name"), ("characterID", "characterName")]),
    (
        Kind::Corporation,
        [("corporation_id", "corporation_name"), ("corporationID", "corporationName")],
    ),
    (Kind::Alliance, [("alliance_id", "alliance_name"), ("allianceID", "allianceName")]),
];

impl Row {
    /// A row from its parts as they were told.
    fn new(
        id: i64,
        name: &str,
        kind: Option<&str>,
        ticker: Option<&str>,
    ) -> Result<Option<Row>, String> {
        let by_range = || {
            let holds = |range: &&(i64, i64, Kind)| range.0 <= id && id <= range.1;
            RANGES.iter().find(holds).map(|range| range.2)
        };
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        if ELSEWHERE.contains(&kind.as_str()) {
            return Ok(None);
        }
        let told = Kind::parse(kind.strip_prefix("npc_").unwrap_or(&kind));
        let kind = told.or_else(by_range);
        if id <= 0 {
            return Err(format!("{id} is no id"));
        }
        if !is_usable(name) {
            return Err(format!("the name of {id} is empty, too long or has control characters"));
        }
        let ticker = ticker.filter(|ticker| is_usable(ticker)).map(str::to_owned);
        Ok(Some(Row { kind, id, name: name.to_owned(), ticker }))
    }
}

/// The names in one JSON value: a row of a list, or a killmail whose feed carries names. Empty for names of other things.
///
/// # Errors
/// In half a sentence what is missing.
pub fn of_json(bytes: &[u8]) -> Result<Vec<Row>, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let Value::Object(object) = &value else {
        return Err("it is no object with `id` and `name`".to_owned());
    };
    let text = |keys: [&str; 2]| keys.iter().find_map(|key| object.get(*key)?.as_str());
    let id = ["id", "eve_id"].iter().find_map(|key| number(object.get(*key)?));
    if let (Some(id), Some(name)) = (id, text(["name", "name"])) {
        let row = Row::new(id, name, text(["kind", "category"]), text(["ticker", "ticker"]))?;
        return Ok(row.into_iter().collect());
    }
    let mut rows = Vec::new();
    harvest(&value, 0, &mut rows);
    if rows.is_empty() {
        return Err("it has neither `id` and `name`, nor names beside a killmail's ids".to_owned());
    }
    Ok(rows)
}

/// An entry of an object that maps ids to names.
///
/// # Errors
/// In half a sentence what is wrong.
pub fn of_entry(id: i64, value: &[u8]) -> Result<Vec<Row>, String> {
    let name: String =
        serde_json::from_slice(value).map_err(|_| format!("{id} leads to no name"))?;
    Ok(Row::new(id, &name, None, None)?.into_iter().collect())
}

fn harvest(value: &Value, depth: u32, rows: &mut Vec<Row>) {
    if depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::Object(object) => {
            rows.extend(IN_KILLMAILS.iter().flat_map(|(kind, fields)| {
                fields.iter().filter_map(|fields| beside(object, *kind, *fields))
            }));
            object.values().for_each(|inner| harvest(inner, depth + 1, rows));
        }
        Value::Array(array) => array.iter().for_each(|inner| harvest(inner, depth + 1, rows)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn beside(object: &Map<String, Value>, kind: Kind, fields: (&str, &str)) -> Option<Row> {
    let id = number(object.get(fields.0)?)?;
    let name = object.get(fields.1)?.as_str()?;
    Row::new(id, name, Some(kind.name()), None).ok()?
}

/// An id as a number or, as some write it, as text.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Where the columns of a CSV file are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    id: usize,
    name: usize,
    kind: Option<usize>,
    ticker: Option<usize>,
}

impl Columns {
    /// Reads the header.
    ///
    /// # Errors
    /// When it names no id or no name.
    pub fn of(header: &str) -> Result<Columns, String> {
        let fields = fields(header);
        let find = |names: [&str; 2]| {
            fields
                .iter()
                .position(|field| names.contains(&field.trim().to_ascii_lowercase().as_str()))
        };
        let missing = || {
            "its first line must name the columns `id` and `name`, and may name `kind` and `ticker`"
                .to_owned()
        };
        Ok(Columns {
            id: find(["id", "eve_id"]).ok_or_else(missing)?,
            name: find(["name", "name"]).ok_or_else(missing)?,
            kind: find(["kind", "category"]),
            ticker: find(["ticker", "ticker"]),
        })
    }

    /// Reads a line; nothing for names of other things.
    ///
    /// # Errors
    /// In half a sentence what is wrong.
    pub fn read(&self, line: &str) -> Result<Vec<Row>, String> {
        let fields = fields(line);
        let at = |column: usize| fields.get(column).map(|field| field.trim());
        let id = at(self.id).unwrap_or_default();
        let id = id.parse().map_err(|_| format!("`{id}` is no id"))?;
        let name = at(self.name).unwrap_or_default();
        let row = Row::new(id, name, self.kind.and_then(at), self.ticker.and_then(at))?;
        Ok(row.into_iter().collect())
    }
}

/// The fields of a line of CSV; a quoted one may hold commas, and a quote twice for one.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.trim_end_matches(['\r', '\n']).chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' if quoted || field.is_empty() => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            _ => field.push(letter),
        }
    }
    fields.push(field);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: Kind, id: i64, name: &str, ticker: Option<&str>) -> Row {
        Row { kind: Some(kind), id, name: name.into(), ticker: ticker.map(str::to_owned) }
    }

    #[test]
    fn a_row_has_its_kind_from_itself_or_from_its_number() {
        let of = |text: &str| of_json(text.as_bytes());
        let corporation = row(Kind::Corporation, 1_000_006, "Deep Core Mining Inc.", None);
        let told = r#"{"id":1000006,"name":"Deep Core Mining Inc.","kind":"corporation"}"#;
        assert_eq!(of(told), Ok(vec![corporation.clone()]));
        let esi = r#"{"category":"corporation","id":1000006,"name":"Deep Core Mining Inc."}"#;
        assert_eq!(of(esi), Ok(vec![corporation.clone()]));
        assert_eq!(
            of(r#"{"id":1000006,"name":"Deep Core Mining Inc."}"#),
            Ok(vec![corporation.clone()])
        );
        let npc = r#"{"id":1000006,"name":"Deep Core Mining Inc.","kind":"npc_corporation"}"#;
        assert_eq!(of(npc), Ok(vec![corporation]));
        let somebody = of(r#"{"id":500000000,"name":"Somebody","kind":"legacy"}"#).unwrap();
        assert_eq!(somebody[0].kind, None);
        assert_eq!(of(r#"{"id":30000142,"name":"Jita","category":"solar_system"}"#), Ok(vec![]));
    }

    #[test]
    fn what_is_no_name_is_told() {
        for text in [
            "7",
            "{}",
            r#"{"id":98000001,"name":""}"#,
            r#"{"id":98000001,"name":"a\u0000b"}"#,
            r#"{"id":-1,"name":"x","kind":"character"}"#,
            r#"{"killmail_id":1,"victim":{"character_id":90000001}}"#,
        ] {
            assert!(of_json(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_taken_out_of_killmails_old_and_new() {
        let old = r#"[{"killID":1,"victim":{"characterID":"90000001","characterName":"A","allianceID":0,"allianceName":""},
            "attackers":[{"corporationID":98000001,"corporationName":"B"}]}]"#;
        let old = old.trim_start_matches('[').trim_end_matches(']');
        let expected = [
            row(Kind::Character, 90_000_001, "A", None),
            row(Kind::Corporation, 98_000_001, "B", None),
        ];
        let mut rows = of_json(old.as_bytes()).unwrap();
        rows.sort_by_key(|row| row.id);
        assert_eq!(rows, expected);
        let new = r#"{"killmail_id":1,"victim":{"alliance_id":99000001,"alliance_name":"C"}}"#;
        assert_eq!(of_json(new.as_bytes()), Ok(vec![row(Kind::Alliance, 99_000_001, "C", None)]));
    }

    #[test]
    fn csv_has_a_header_quotes_and_columns_in_any_order() {
        let columns = Columns::of("name,ID,category,ticker\r\n").unwrap();
        let line = "\"Goons, \"\"the\"\" Swarm\",1354830081,alliance,CONDI\r\n";
        let expected = row(Kind::Alliance, 1_354_830_081, "Goons, \"the\" Swarm", Some("CONDI"));
        assert_eq!(columns.read(line), Ok(vec![expected]));
        assert!(columns.read("x,y").unwrap_err().contains("`y` is no id"));
        assert!(Columns::of("90000001,Somebody").is_err());
    }
}
