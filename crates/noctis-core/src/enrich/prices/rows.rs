//! What price files say: their columns are known by the names in the header, their rows become typed or are refused.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::isk::Isk;

/// The Forge, with Jita in it: the one region whose market makes prices.
pub const MARKET_REGION_ID: i64 = 10_000_002;

/// Years that a price may be of.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2999;

/// What kind of price a row tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriceKind {
    /// The Forge's average of a day.
    Market,
    /// CCP's own figures as of a day.
    Adjusted,
    /// What the host says one is worth from a day on.
    Override,
    /// What it takes to build one from a day on.
    BuildCost,
}

impl PriceKind {
    pub const ALL: [PriceKind; 4] =
        [PriceKind::Market, PriceKind::Adjusted, PriceKind::Override, PriceKind::BuildCost];

    /// The word for it in summaries.
    pub fn name(self) -> &'static str {
        match self {
            PriceKind::Market => "market",
            PriceKind::Adjusted => "adjusted",
            PriceKind::Override => "override",
            PriceKind::BuildCost => "build_cost",
        }
    }
}

/// One price of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceRow {
    pub type_id: i64,
    pub day: Date,
    /// The average, adjusted price, override or cost. ESI leaves the adjusted price out of some of its rows.
    pub price: Option<Isk>,
    /// ESI's `average_price`; nobody else has one.
    pub average_price: Option<Isk>,
}

/// Where a CSV file has what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    pub kind: PriceKind,
    type_id: usize,
    day: usize,
    price: usize,
    region_id: Option<usize>,
    count: usize,
}

impl Columns {
    /// Reads a header; its columns may stand in any order, with others among them. A refusal is a sentence.
    pub fn of(header: &str) -> Result<Columns, String> {
        let names: Vec<String> = fields(header.trim_start_matches('\u{feff}'))
            .into_iter()
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        let place = |name: &str| names.iter().position(|known| known == name);
        let kinds = [
            (PriceKind::Market, place("average").filter(|_| place("region_id").is_some())),
            (PriceKind::BuildCost, place("build_cost")),
            (PriceKind::Override, place("price")),
        ];
        let kind = kinds.into_iter().find_map(|(kind, price)| Some((kind, price?)));
        let (Some((kind, price)), Some(type_id), Some(day)) =
            (kind, place("type_id"), place("date"))
        else {
            let shown: String = header.chars().take(120).collect();
            return Err(format!(
                "its first line is `{}`: expected ESI's JSON, or a header with the columns average, date, region_id and \
                 type_id (market history), type_id, date and price (overrides), or type_id, date and build_cost",
                shown.trim()
            ));
        };
        let region_id = place("region_id").filter(|_| kind == PriceKind::Market);
        Ok(Columns { kind, type_id, day, price, region_id, count: names.len() })
    }

    /// Reads a line below the header; None is a market other than the Forge's. A refusal is half a sentence.
    pub fn read(&self, line: &str) -> Result<Option<PriceRow>, String> {
        let fields = fields(line);
        if fields.len() != self.count {
            return Err(format!("it has {} columns, the header {}", fields.len(), self.count));
        }
        let field = |place: usize| fields[place].trim();
        if let Some(place) = self.region_id {
            let region_id: i64 = field(place)
                .parse()
                .map_err(|_| format!("`{}` is no region_id", short(field(place))))?;
            if region_id != MARKET_REGION_ID {
                return Ok(None);
            }
        }
        let type_id = type_id(field(self.type_id).parse().ok(), field(self.type_id))?;
        let day = day(field(self.day))?;
        Ok(Some(PriceRow {
            type_id,
            day,
            price: Some(isk(field(self.price))?),
            average_price: None,
        }))
    }
}

/// Reads an element of ESI's `/markets/prices/`, which does not tell its day. A refusal is half a sentence.
pub fn read_adjusted(element: &[u8], day: Date) -> Result<PriceRow, String> {
    #[derive(Deserialize)]
    struct Element<'a> {
        type_id: i64,
        #[serde(borrow)]
        adjusted_price: Option<&'a RawValue>,
        #[serde(borrow)]
        average_price: Option<&'a RawValue>,
    }
    let element: Element<'_> = serde_json::from_slice(element)
        .map_err(|error| format!("it is none of ESI's /markets/prices/: {error}"))?;
    let amount = |raw: Option<&RawValue>| raw.map(|raw| isk(raw.get())).transpose();
    let (price, average_price) = (amount(element.adjusted_price)?, amount(element.average_price)?);
    if price.is_none() && average_price.is_none() {
        return Err("it has neither adjusted_price nor average_price".to_owned());
    }
    let type_id = type_id(Some(element.type_id), &element.type_id.to_string())?;
    Ok(PriceRow { type_id, day, price, average_price })
}

/// Whether a date may be a price's.
pub fn is_price_day(day: Date) -> bool {
    YEARS.contains(&day.year())
}

fn type_id(read: Option<i64>, text: &str) -> Result<i64, String> {
    read.filter(|id| *id > 0).ok_or_else(|| format!("`{}` is no type_id", short(text)))
}

fn day(text: &str) -> Result<Date, String> {
    let day: Option<Date> = text.parse().ok().filter(|day| is_price_day(*day));
    day.ok_or_else(|| format!("`{}` is no date such as 2025-06-30", short(text)))
}

fn isk(text: &str) -> Result<Isk, String> {
    Isk::parse(text).ok_or_else(|| format!("`{}` is no amount from 0 to 1e18 ISK", short(text)))
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// The fields of a line, those in double quotes without them; a quote doubled within quotes is one.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut rest = line.trim_end_matches(['\r', '\n']).chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => field.extend(rest.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    fields
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn told(header: &str, line: &str) -> Result<Option<(PriceKind, i64, String, String)>, String> {
        let columns = Columns::of(header)?;
        let row = columns.read(line)?;
        let amount = |row: &PriceRow| row.price.unwrap().to_string();
        Ok(row.map(|row| (columns.kind, row.type_id, row.day.to_string(), amount(&row))))
    }

    #[test]
    fn columns_are_found_by_their_names_in_any_order() {
        let row =
            |kind, amount: &str| Ok(Some((kind, 34, "2025-06-30".to_owned(), amount.to_owned())));
        let history =
            "average,date,highest,lowest,order_count,volume,http_last_modified,region_id,type_id";
        let line = "5.125,2025-06-30,6,4,7,8,2025-07-01T11:00:00Z,10000002,34\r\n";
        assert_eq!(told(history, line), row(PriceKind::Market, "5.13"));
        let other = "\u{feff}Type_ID, Region_ID,\"average\",date";
        assert_eq!(
            told(other, "34,10000002,1E3,\"2025-06-30\""),
            row(PriceKind::Market, "1000.00")
        );
        assert_eq!(told(other, "34,10000043,1E3,2025-06-30"), Ok(None));
        assert_eq!(told("type_id,date,price", "34,2025-06-30,0"), row(PriceKind::Override, "0.00"));
        let note = "note,price,type_id,date";
        assert_eq!(
            told(note, "\"a, \"\"b\"\"\",7,34,2025-06-30"),
            row(PriceKind::Override, "7.00")
        );
        assert_eq!(
            told("type_id,date,build_cost", "34,2025-06-30,9"),
            row(PriceKind::BuildCost, "9.00")
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let check = |header: &str, line: &str, problem: &str| {
            let said = told(header, line).unwrap_err();
            assert!(said.contains(problem), "{said}");
        };
        check("type_id,price", "1,2", "its first line is `type_id,price`: expected");
        check("average,date,type_id", "1,2,3", "market history");
        check("", "", "its first line is ``");
        let header = "type_id,date,price";
        check(header, "34,2025-06-30", "it has 2 columns, the header 3");
        check(header, "x,2025-06-30,1", "`x` is no type_id");
        check(header, "0,2025-06-30,1", "`0` is no type_id");
        check(header, "34,2025-06-31,1", "`2025-06-31` is no date");
        check(header, "34,0025-06-30,1", "`0025-06-30` is no date");
        check(header, "34,2025-06-30,-1", "`-1` is no amount");
        check(header, "34,2025-06-30,NaN", "`NaN` is no amount");
        check("average,date,type_id,region_id", "1,2025-06-30,34,Jita", "`Jita` is no region_id");
    }

    #[test]
    fn rows_of_esi_have_one_price_at_least() {
        let day = date(2026, 11, 22);
        let row = |text: &str| read_adjusted(text.as_bytes(), day);
        let amounts = |text: &str| {
            let row = row(text).unwrap();
            assert_eq!((row.type_id, row.day), (34, day));
            (row.price.map(|isk| isk.to_string()), row.average_price.map(|isk| isk.to_string()))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            amounts(r#"{"adjusted_price": 3.1351, "average_price": 4.04, "type_id": 34}"#),
            (some("3.14"), some("4.04"))
        );
        assert_eq!(amounts(r#"{"average_price": 4, "type_id": 34}"#), (None, some("4.00")));
        for (text, problem) in [
            (r#"{"type_id": 34}"#, "neither"),
            (r#"{"killmail_id": 34}"#, "none of ESI's"),
            (r#"{"type_id": -34, "average_price": 4}"#, "`-34` is no type_id"),
            (r#"{"type_id": 34, "average_price": "4"}"#, "is no amount"),
        ] {
            let said = row(text).unwrap_err();
            assert!(said.contains(problem), "{said}");
        }
    }
}
