//! `noctis prices show`: one price, its basis, and all that was there to take it from.

use std::io::Write;

use anyhow::bail;
use jiff::civil::Date;
use noctis_core::catalogue::Catalogue;
use noctis_core::enrich::prices::{Basis, Price, PriceFacts};
use noctis_core::isk::Isk;
use noctis_store::prices;
use serde_json::json;

use crate::cli::table;
use crate::database::Database;
use crate::figures::Amount;

pub(super) async fn run(
    database: &Database,
    name: &str,
    day: Date,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let catalogue = &database.static_data.catalogue;
    let type_id = type_id(name, catalogue)?;
    let client = database.store.client().await?;
    let facts = prices::facts(&**client, type_id, day).await?;
    let shown = Shown { type_id, name: catalogue.types.name(type_id), day, facts: &facts };
    if json {
        shown.write_json(out)?
    } else {
        shown.write_table(out)?
    }
    Ok(())
}

/// An id, or a name that one type alone has.
fn type_id(name: &str, catalogue: &Catalogue) -> anyhow::Result<i64> {
    if let Ok(type_id) = name.parse() {
        return Ok(type_id);
    }
    let ids: Vec<i64> = catalogue.types.named(name).map(|kind| kind.type_id).collect();
    match ids[..] {
        [type_id] => Ok(type_id),
        [] => bail!("no type is called {name}; an id may be given instead"),
        _ => bail!("several types are called {name}: give one of the ids {ids:?}"),
    }
}

struct Shown<'a> {
    type_id: i64,
    name: Option<&'a str>,
    day: Date,
    facts: &'a PriceFacts,
}

impl Shown<'_> {
    fn price(&self) -> Option<Price> {
        self.facts.price(self.day)
    }

    fn write_json(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let dated = |(day, average): &(Date, Isk)| json!({ "day": day, "average": average });
        let facts = self.facts;
        let answer = json!({
            "type_id": self.type_id,
            "name": self.name,
            "day": self.day,
            "price": self.price().map(|price| price.each),
            "basis": self.price().map(|price| basis_name(price.basis)),
            "facts": {
                "override": facts.override_price,
                "averages": facts.averages.iter().map(dated).collect::<Vec<_>>(),
                "build_cost": facts.build_cost,
                "later": facts.later.as_ref().map(dated),
                "adjusted": facts.adjusted,
            },
        });
        writeln!(out, "{answer:#}")
    }

    fn write_table(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let name = self.name.unwrap_or("a type that the static data does not know");
        write!(out, "{name} ({}) on {}: ", self.type_id, self.day)?;
        match self.price() {
            Some(price) => writeln!(
                out,
                "{}, from {}\n",
                Amount::new(price.each).exact,
                basis_name(price.basis).replace('_', " ")
            )?,
            None => writeln!(out, "no price\n")?,
        }
        let exact = |isk: Option<Isk>| isk.map_or("-".to_owned(), |isk| Amount::new(isk).exact);
        let facts = self.facts;
        let days = || facts.averages.iter().map(|(day, _)| *day);
        let averages = match days().min().zip(days().max()) {
            Some((first, last)) => {
                format!("{} daily averages of {first} to {last}", facts.averages.len())
            }
            None => String::new(),
        };
        let market = PriceFacts { averages: facts.averages.clone(), ..PriceFacts::default() };
        let market = exact(market.price(self.day).map(|price| price.each));
        let later = facts.later.map_or(String::new(), |(day, _)| format!("average of {day}"));
        let mut rows = table::new(&["source", "price", "taken from"]);
        rows.add_row(["override".into(), exact(facts.override_price), String::new()]);
        rows.add_row(["market".into(), market, averages]);
        rows.add_row(["build cost".into(), exact(facts.build_cost), String::new()]);
        rows.add_row(["later".into(), exact(facts.later.map(|(_, isk)| isk)), later]);
        rows.add_row(["adjusted".into(), exact(facts.adjusted), String::new()]);
        table::align_right(&mut rows, &[1]);
        writeln!(out, "{}", rows.trim_fmt())
    }
}

fn basis_name(basis: Basis) -> &'static str {
    match basis {
        Basis::Override => "override",
        Basis::Market => "market",
        Basis::BuildCost => "build_cost",
        Basis::Later => "later",
        Basis::Adjusted => "adjusted",
    }
}
