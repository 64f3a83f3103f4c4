//! A question as SQL: the one place where filters are put together.
//!
//! Values are always parameters; the text is made of the constants here and of [`Member`]'s names only. Every table
//! of the group carries the same constant bounds of time, so that planning touches only its months. One table drives:
//! participants where somebody is asked for, else the mails in their order; all others are looked up by key.
//!
//! [`Member`]: noctis_core::partition::Member

use jiff::Timestamp;
use noctis_core::question::{Choice, Entity, ParticipantClause, Question, Role};
use noctis_core::time::TimeRange;
use rust_decimal::Decimal;
use tokio_postgres::types::{ToSql, Type};

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

    fn bind(&mut self, value: impl ToSql + Sync + Send + 'static, ty: Type) -> String {
        self.parameters.push((Box::new(value), ty));
        format!("${}", self.parameters.len())
    }
}

/// The keys, `"timestamp"` and `killmail_id`, of the newest kills of one window of time.
pub fn newest(
    question: &Question,
    window: TimeRange,
    before: Option<(Timestamp, i64)>,
    limit: i64,
) -> Composed {
    let mut composed = Composed { sql: String::new(), parameters: Vec::new() };
    let bounds = Bounds {
        from: composed.bind(window.from, Type::TIMESTAMPTZ),
        to: composed.bind(window.to, Type::TIMESTAMPTZ),
    };
    let driver = Driver::choose(question);
    let alias = driver.alias();
    let mut conditions = vec![bounds.on(alias)];
    if let Some((time, killmail_id)) = before {
        let time = composed.bind(time, Type::TIMESTAMPTZ);
        let killmail_id = composed.bind(killmail_id, Type::INT8);
        conditions.push(format!(
            "({alias}.\"timestamp\", {alias}.killmail_id) < ({time}, {killmail_id})"
        ));
    }
    conditions.extend(filters(question, &driver, &bounds, &mut composed));
    let limit = composed.bind(limit, Type::INT8);
    // Someone may be on a mail twice, as victim and as attacker; rows come in order, so doubles are neighbours.
    let distinct = if matches!(driver, Driver::Participants(_)) { "DISTINCT " } else { "" };
    composed.sql = format!(
        "SELECT {distinct}{alias}.\"timestamp\", {alias}.killmail_id\nFROM {}\nWHERE {}\n\
         ORDER BY {alias}.\"timestamp\" DESC, {alias}.killmail_id DESC\nLIMIT {limit}",
        from_clause(question, &driver, &bounds),
        conditions.join("\n  AND ")
    );
    composed
}

/// The kills among these that a question means, for walking the order of arrival.
pub fn among(question: &Question, ids: Vec<i64>, window: TimeRange) -> Composed {
    let mut composed = Composed { sql: String::new(), parameters: Vec::new() };
    let bounds = Bounds {
        from: composed.bind(window.from, Type::TIMESTAMPTZ),
        to: composed.bind(window.to, Type::TIMESTAMPTZ),
    };
    let driver = Driver::Mails;
    let ids = composed.bind(ids, Type::INT8_ARRAY);
    let mut conditions = vec![bounds.on("r"), format!("r.killmail_id = ANY ({ids})")];
    conditions.extend(filters(question, &driver, &bounds, &mut composed));
    composed.sql = format!(
        "SELECT r.\"timestamp\", r.killmail_id\nFROM {}\nWHERE {}",
        from_clause(question, &driver, &bounds),
        conditions.join("\n  AND ")
    );
    composed
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

/// Which table is walked in the order of the answer.
enum Driver<'a> {
    /// The rows of whom one clause asks for: its index gives them newest first.
    Participants(&'a ParticipantClause),
    Mails,
}

impl<'a> Driver<'a> {
    fn choose(question: &'a Question) -> Driver<'a> {
        let clauses = question.participants.iter().filter(|clause| !clause.ids.wanted.is_empty());
        // Characters before corporations before alliances: the fewest rows first.
        clauses.min_by_key(|clause| clause.entity).map_or(Driver::Mails, Driver::Participants)
    }

    fn alias(&self) -> &'static str {
        match self {
            Driver::Participants(_) => "p",
            Driver::Mails => "r",
        }
    }
}

fn needs_mails(question: &Question) -> bool {
    !question.systems.is_empty() || !question.ship_types.is_empty()
}

fn needs_enriched(question: &Question) -> bool {
    question.value_min.is_some()
        || question.value_max.is_some()
        || question.npc.is_some()
        || question.solo.is_some()
        || question.awox.is_some()
        || !question.module_tags.is_empty()
        || !question.labels.is_empty()
}

fn from_clause(question: &Question, driver: &Driver<'_>, bounds: &Bounds) -> String {
    let alias = driver.alias();
    let mut from = match driver {
        Driver::Participants(_) => "killmail_participants p".to_owned(),
        Driver::Mails => "killmails_raw r".to_owned(),
    };
    let mut join = |table: &str, joined: &str| {
        from.push_str(&format!(
            "\nJOIN {table} {joined} ON {joined}.killmail_id = {alias}.killmail_id \
             AND {joined}.\"timestamp\" = {alias}.\"timestamp\" AND {}",
            bounds.on(joined)
        ));
    };
    if matches!(driver, Driver::Participants(_)) && needs_mails(question) {
        join("killmails_raw", "r");
    }
    if needs_enriched(question) {
        join("killmails_enriched", "e");
    }
    from
}

/// All conditions but the bounds of the driving table.
fn filters(
    question: &Question,
    driver: &Driver<'_>,
    bounds: &Bounds,
    composed: &mut Composed,
) -> Vec<String> {
    let mut conditions = Vec::new();
    if let Driver::Participants(clause) = driver {
        conditions.push(participant(clause.entity, clause.role, &clause.ids.wanted, "p", composed));
    }
    for systems in &question.systems {
        ids("r.system_id", systems, &mut conditions, composed);
    }
    for ship_types in &question.ship_types {
        ids("r.ship_type_id", ship_types, &mut conditions, composed);
    }
    for clause in &question.participants {
        let drives =
            matches!(driver, Driver::Participants(driving) if std::ptr::eq(*driving, clause));
        if !drives && !clause.ids.wanted.is_empty() {
            conditions.push(exists(clause, &clause.ids.wanted, driver, bounds, composed));
        }
        if !clause.ids.unwanted.is_empty() {
            conditions.push(format!(
                "NOT {}",
                exists(clause, &clause.ids.unwanted, driver, bounds, composed)
            ));
        }
    }
    enrichment(question, &mut conditions, composed);
    conditions
}

fn ids(column: &str, choice: &Choice<i64>, conditions: &mut Vec<String>, composed: &mut Composed) {
    // One id as `=`: the index then gives its rows in the order of time.
    match choice.wanted.as_slice() {
        [] => {}
        [id] => conditions.push(format!("{column} = {}", composed.bind(*id, Type::INT8))),
        wanted => {
            conditions.push(format!(
                "{column} = ANY ({})",
                composed.bind(wanted.to_vec(), Type::INT8_ARRAY)
            ));
        }
    }
    if !choice.unwanted.is_empty() {
        let unwanted = composed.bind(choice.unwanted.clone(), Type::INT8_ARRAY);
        conditions.push(format!("{column} <> ALL ({unwanted})"));
    }
}

fn participant(
    entity: Entity,
    role: Role,
    wanted: &[i64],
    alias: &str,
    composed: &mut Composed,
) -> String {
    let mut conditions = Vec::new();
    let choice = Choice { wanted: wanted.to_vec(), unwanted: Vec::new() };
    let column = match entity {
        Entity::Character => "character_id",
        Entity::Corporation => "corporation_id",
        Entity::Alliance => "alliance_id",
    };
    ids(&format!("{alias}.{column}"), &choice, &mut conditions, composed);
    match entity {
        Entity::Character => {}
        Entity::Corporation => conditions.push(format!("{alias}.first_of_corporation")),
        Entity::Alliance => conditions.push(format!("{alias}.first_of_alliance")),
    }
    match role {
        Role::Victim => conditions.push(format!("{alias}.ordinal = 0")),
        Role::Attacker => conditions.push(format!("{alias}.ordinal > 0")),
        Role::Any => {}
    }
    conditions.join(" AND ")
}

fn exists(
    clause: &ParticipantClause,
    wanted: &[i64],
    driver: &Driver<'_>,
    bounds: &Bounds,
    composed: &mut Composed,
) -> String {
    let alias = driver.alias();
    format!(
        "EXISTS (SELECT FROM killmail_participants q WHERE q.killmail_id = {alias}.killmail_id \
         AND q.\"timestamp\" = {alias}.\"timestamp\" AND {} AND {})",
        bounds.on("q"),
        participant(clause.entity, clause.role, wanted, "q", composed)
    )
}

fn enrichment(question: &Question, conditions: &mut Vec<String>, composed: &mut Composed) {
    let amount = |isk: noctis_core::isk::Isk| -> Decimal { isk.amount() };
    if let Some(min) = question.value_min {
        conditions.push(format!("e.isk_value >= {}", composed.bind(amount(min), Type::NUMERIC)));
    }
    if let Some(max) = question.value_max {
        conditions.push(format!("e.isk_value <= {}", composed.bind(amount(max), Type::NUMERIC)));
    }
    for (column, wanted) in
        [("npc", question.npc), ("solo", question.solo), ("awox", question.awox)]
    {
        match wanted {
            Some(true) => conditions.push(format!("e.{column}")),
            Some(false) => conditions.push(format!("NOT e.{column}")),
            None => {}
        }
    }
    for choice in &question.module_tags {
        words("e.module_tags", choice, "@>", conditions, composed);
    }
    for choice in &question.labels {
        words("e.labels", choice, "&&", conditions, composed);
    }
}

/// Words of an array column: the wanted by the operator (all of them, or one), none of the unwanted.
fn words(
    column: &str,
    choice: &Choice<String>,
    operator: &str,
    conditions: &mut Vec<String>,
    composed: &mut Composed,
) {
    if !choice.wanted.is_empty() {
        let wanted = composed.bind(choice.wanted.clone(), Type::TEXT_ARRAY);
        conditions.push(format!("{column} {operator} {wanted}"));
    }
    if !choice.unwanted.is_empty() {
        let unwanted = composed.bind(choice.unwanted.clone(), Type::TEXT_ARRAY);
        conditions.push(format!("NOT ({column} && {unwanted})"));
    }
}
