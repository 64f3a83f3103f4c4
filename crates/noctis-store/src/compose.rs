//! A question as SQL: the one place where filters are put together.
//!
//! Values are always parameters; the text is made of constants only. Every table of the group carries the same constant
//! bounds of time, so that planning touches only its months. Where the question names whom it is about, their rows
//! drive, newest first by their index; else the mails do in their order, or the values in theirs. All others are looked
//! up by key, and the planner may turn that round where an index of theirs is better.

mod driver;
mod facts;

use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::isk::Isk;
use noctis_core::question::{Condition, Question};
use noctis_core::time::TimeRange;
use tokio_postgres::types::{ToSql, Type};

use driver::Driver;

/// A statement with its parameters, typed, so that it needs one round trip and is planned for these values.
pub struct Composed {
    pub sql: String,
    pub parameters: Vec<(Box<dyn ToSql + Sync + Send>, Type)>,
}

impl Composed {
    /// The parameters as `query_typed` takes them.
    pub fn parameters(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.parameters
            .iter()
            .map(|(value, ty)| (&**value as &(dyn ToSql + Sync), ty.clone()))
            .collect()
    }
}

/// Where a page by value goes on: below this value, time and id.
pub type Below = (Isk, Timestamp, i64);

/// The keys, `"timestamp"` and `killmail_id`, of the newest kills of one window of time.
pub fn newest(
    question: &Question,
    catalogue: &Catalogue,
    window: TimeRange,
    before: Option<(Timestamp, i64)>,
    limit: i64,
) -> Composed {
    let driver = Driver::choose(&question.condition);
    let alias = driver.table().alias();
    let mut statement = Statement::new(catalogue, window, alias);
    let mut conditions = vec![statement.bounds.on(alias)];
    if let Some((time, killmail_id)) = before {
        let time = statement.bind(time, Type::TIMESTAMPTZ);
        let killmail_id = statement.bind(killmail_id, Type::INT8);
        conditions.push(format!(
            "({alias}.\"timestamp\", {alias}.killmail_id) < ({time}, {killmail_id})"
        ));
    }
    conditions.extend(driver.conditions(&mut statement));
    conditions.extend(statement.demands(driver.rest(&question.condition)));
    let limit = statement.bind(limit, Type::INT8);
    // Someone may be on a mail twice, as victim and as attacker; rows come in order, so doubles are neighbours.
    let distinct = if driver.table() == Table::Participants { "DISTINCT " } else { "" };
    let select = format!("SELECT {distinct}{alias}.\"timestamp\", {alias}.killmail_id");
    let order =
        format!("ORDER BY {alias}.\"timestamp\" DESC, {alias}.killmail_id DESC\nLIMIT {limit}");
    statement.finish(&select, driver.table(), &conditions, &order)
}

/// The keys and `isk_value` of the most valuable kills of a range of time; kills of unknown value are left out.
pub fn highest(
    question: &Question,
    catalogue: &Catalogue,
    range: TimeRange,
    below: Option<Below>,
    limit: i64,
) -> Composed {
    let mut statement = Statement::new(catalogue, range, "e");
    let mut conditions = vec![statement.bounds.on("e"), "e.isk_value IS NOT NULL".to_owned()];
    if let Some((value, time, killmail_id)) = below {
        let value = statement.bind(value.amount(), Type::NUMERIC);
        let time = statement.bind(time, Type::TIMESTAMPTZ);
        let killmail_id = statement.bind(killmail_id, Type::INT8);
        conditions.push(format!(
            "(e.isk_value, e.\"timestamp\", e.killmail_id) < ({value}, {time}, {killmail_id})"
        ));
    }
    conditions.extend(statement.demands(question.condition.conjuncts().iter()));
    let limit = statement.bind(limit, Type::INT8);
    let select = "SELECT e.\"timestamp\", e.killmail_id, e.isk_value";
    let order = format!(
        "ORDER BY e.isk_value DESC, e.\"timestamp\" DESC, e.killmail_id DESC\nLIMIT {limit}"
    );
    statement.finish(select, Table::Enriched, &conditions, &order)
}

/// The kills among these that a question means.
pub fn among(
    question: &Question,
    catalogue: &Catalogue,
    ids: Vec<i64>,
    window: TimeRange,
) -> Composed {
    let mut statement = Statement::new(catalogue, window, "r");
    let ids = statement.bind(ids, Type::INT8_ARRAY);
    let mut conditions = vec![statement.bounds.on("r"), format!("r.killmail_id = ANY ({ids})")];
    conditions.extend(statement.demands(question.condition.conjuncts().iter()));
    statement.finish("SELECT r.\"timestamp\", r.killmail_id", Table::Mails, &conditions, "")
}

/// The tables of the group, each under its own alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Table {
    Mails,
    Enriched,
    Participants,
}

impl Table {
    fn alias(self) -> &'static str {
        match self {
            Table::Mails => "r",
            Table::Enriched => "e",
            Table::Participants => "p",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Table::Mails => "killmails_raw",
            Table::Enriched => "killmails_enriched",
            Table::Participants => "killmail_participants",
        }
    }
}

/// The bounds of time, as parameters, that every table gets.
struct Bounds {
    from: String,
    to: String,
}

impl Bounds {
    fn on(&self, alias: &str) -> String {
        format!("{alias}.\"timestamp\" >= {} AND {alias}.\"timestamp\" < {}", self.from, self.to)
    }
}

/// That two rows are of one kill.
///
/// An id has one time, which the planner does not know: of two equalities it takes the second to leave next to nothing, and then
/// joins whole months before it sorts out fifty kills. Two bounds it takes to leave a ninth; pruning and indexes use them alike.
fn same_kill(alias: &str, key: &str) -> String {
    format!(
        "{alias}.killmail_id = {key}.killmail_id AND {alias}.\"timestamp\" >= {key}.\"timestamp\" \
         AND {alias}.\"timestamp\" <= {key}.\"timestamp\""
    )
}

/// A statement in the making.
struct Statement<'a> {
    catalogue: &'a Catalogue,
    parameters: Vec<(Box<dyn ToSql + Sync + Send>, Type)>,
    bounds: Bounds,
    /// Of the table that drives: by its key the others are looked up.
    key: &'static str,
    /// Whether a condition is on their columns.
    uses_mails: bool,
    uses_enriched: bool,
}

impl<'a> Statement<'a> {
    fn new(catalogue: &'a Catalogue, window: TimeRange, key: &'static str) -> Statement<'a> {
        let parameters: Vec<(Box<dyn ToSql + Sync + Send>, Type)> = vec![
            (Box::new(window.from), Type::TIMESTAMPTZ),
            (Box::new(window.to), Type::TIMESTAMPTZ),
        ];
        let bounds = Bounds { from: "$1".to_owned(), to: "$2".to_owned() };
        Statement { catalogue, parameters, bounds, key, uses_mails: false, uses_enriched: false }
    }

    fn bind(&mut self, value: impl ToSql + Sync + Send + 'static, ty: Type) -> String {
        self.parameters.push((Box::new(value), ty));
        format!("${}", self.parameters.len())
    }

    /// Conditions that have to hold all.
    fn demands<'c>(&mut self, demands: impl Iterator<Item = &'c Condition>) -> Vec<String> {
        demands.map(|demand| self.condition(demand, true)).collect()
    }

    fn finish(self, select: &str, driving: Table, conditions: &[String], order: &str) -> Composed {
        let mut from = format!("{} {}", driving.name(), driving.alias());
        let joined = [(Table::Mails, self.uses_mails), (Table::Enriched, self.uses_enriched)];
        for (table, used) in joined {
            if used && table != driving {
                let (alias, key) = (table.alias(), self.key);
                from.push_str(&format!(
                    "\nJOIN {} {alias} ON {} AND {}",
                    table.name(),
                    same_kill(alias, key),
                    self.bounds.on(alias)
                ));
            }
        }
        let conditions = conditions.join("\n  AND ");
        let sql = format!("{select}\nFROM {from}\nWHERE {conditions}\n{order}");
        Composed { sql, parameters: self.parameters }
    }
}
