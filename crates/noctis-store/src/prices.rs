//! Prices: what the tables know of a type around a day, and the prices that make a kill's own value.

mod report;
mod write;

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use noctis_core::enrich::prices::{LATER_DAYS_MAX, MARKET_DAYS, Price, PriceBook, PriceFacts};
use noctis_core::isk::Isk;
use rust_decimal::Decimal;
use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Row};

use crate::Result;

pub use report::{Comparison, report};
pub use write::PriceWriter;

/// Types and days asked for in one statement; each answers with up to 35 averages.
const PAIRS_MAX: usize = 4_096;
/// Prices kept at hand in each of two generations, about 5 MB both.
const KEPT_MAX: usize = 50_000;

/// The prices of these types on these days, as far as there are any. In one statement for every 4,096 of them; in none
/// where nothing has been imported.
pub async fn book(client: &impl GenericClient, needed: &[(i64, Date)]) -> Result<PriceBook> {
    KeptPrices::default().book(client, needed.iter().copied()).await
}

/// All that is known of one type around one day, of sources too that a better one makes needless.
pub async fn facts(client: &impl GenericClient, type_id: i64, day: Date) -> Result<PriceFacts> {
    let found = ask(client, &[(type_id, day)], true).await?;
    Ok(found.into_iter().next().map(|(_, facts)| facts).unwrap_or_default())
}

/// Prices kept at hand between batches, unpriced ones too: those asked for last, and none from before prices changed.
#[derive(Default)]
pub struct KeptPrices {
    revision: i64,
    young: HashMap<(i64, Date), Option<Price>>,
    /// What was young until that was full. What is asked for again becomes young again, the rest is forgotten.
    old: HashMap<(i64, Date), Option<Price>>,
}

impl KeptPrices {
    /// The prices of these types on these days, each of which may be named several times.
    pub async fn book(
        &mut self,
        client: &impl GenericClient,
        needed: impl IntoIterator<Item = (i64, Date)>,
    ) -> Result<PriceBook> {
        let mut book = PriceBook::default();
        let revision: i64 =
            client.query_typed_one(include_str!("../sql/prices/revision.sql"), &[]).await?.get(0);
        if revision != self.revision {
            *self = KeptPrices { revision, ..KeptPrices::default() };
        }
        if revision == 0 {
            return Ok(book);
        }
        let mut missing = Vec::new();
        for pair in needed.into_iter().collect::<HashSet<_>>() {
            match self.young.get(&pair).copied().or_else(|| self.old.remove(&pair)) {
                Some(known) => {
                    enter(&mut book, pair, known);
                    self.keep(pair, known);
                }
                None => missing.push(pair),
            }
        }
        // Neighbours in the index are asked for one after another.
        missing.sort_unstable();
        for pairs in missing.chunks(PAIRS_MAX) {
            for (pair, facts) in ask(client, pairs, false).await? {
                let price = facts.price(pair.1);
                enter(&mut book, pair, price);
                self.keep(pair, price);
            }
        }
        Ok(book)
    }

    fn keep(&mut self, pair: (i64, Date), price: Option<Price>) {
        if self.young.len() >= KEPT_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(pair, price);
    }
}

fn enter(book: &mut PriceBook, (type_id, day): (i64, Date), price: Option<Price>) {
    if let Some(price) = price {
        book.insert(type_id, day, price);
    }
}

/// What is known of each pair, in any order; with `all`, sources too that a better one makes needless.
async fn ask(
    client: &impl GenericClient,
    pairs: &[(i64, Date)],
    all: bool,
) -> Result<Vec<((i64, Date), PriceFacts)>> {
    let (ids, days): (Vec<i64>, Vec<Date>) = pairs.iter().copied().unzip();
    let market_days = i32::try_from(MARKET_DAYS).expect("some days");
    let later_days = i32::try_from(LATER_DAYS_MAX).expect("some days");
    let rows = client
        .query_typed(
            include_str!("../sql/prices/facts.sql"),
            &[
                (&ids, Type::INT8_ARRAY),
                (&days, Type::DATE_ARRAY),
                (&market_days, Type::INT4),
                (&later_days, Type::INT4),
                (&all, Type::BOOL),
            ],
        )
        .await?;
    Ok(rows.iter().map(|row| ((row.get("type_id"), row.get("day")), of_row(row))).collect())
}

fn of_row(row: &Row) -> PriceFacts {
    let isk = |column: &str| row.get::<_, Option<Decimal>>(column).and_then(Isk::new);
    let days: Option<Vec<Date>> = row.get("days");
    let averages: Option<Vec<Decimal>> = row.get("averages");
    let averages = averages.unwrap_or_default().into_iter().map(Isk::new);
    let dated = days.unwrap_or_default().into_iter().zip(averages);
    PriceFacts {
        override_price: isk("override_price"),
        averages: dated.filter_map(|(day, average)| Some((day, average?))).collect(),
        build_cost: isk("build_cost"),
        later: row.get::<_, Option<Date>>("later_day").zip(isk("later_average")),
        adjusted: isk("adjusted_price"),
    }
}
