//! Facts as conditions in SQL.
//!
//! *Not* is carried down to the facts. There, what may be null is asked with `IS NOT TRUE`: a fact of an unknown amount
//! does not hold, so that its opposite does.

use noctis_core::catalogue::{Band, System};
use noctis_core::question::Condition;
use noctis_core::question::condition::{
    Amount, Bound, Carried, Count, Fact, Field, Flag, Party, Role, Trait,
};
use tokio_postgres::types::Type;

use super::{Statement, same_kill};

/// Items in a slot of the ship: high, mid and low, rigs, subsystems, services. What lies in a container is in none.
const FITTED: &str = "$.victim.items[*] ? (@.item_type_id == $types[*] && \
                      (@.flag >= 11 && @.flag <= 34 || @.flag >= 92 && @.flag <= 99 \
                       || @.flag >= 125 && @.flag <= 132 || @.flag >= 164 && @.flag <= 171))";
/// Items that dropped, in containers too.
const DROPPED: &str = "$.victim.items.** ? (@.item_type_id == $types[*] && @.quantity_dropped > 0)";

/// Systems of a list that the planner compares with its statistics, one by one and for every month. For the thousands of a
/// security band that would take longer than the page does; no region has as many.
const SYSTEMS_PLANNED_MAX: usize = 512;

impl Statement<'_> {
    /// The demand, or its opposite where it is not wanted.
    pub(super) fn condition(&mut self, condition: &Condition, wanted: bool) -> String {
        let (parts, all) = match condition {
            Condition::Is(fact) => return self.fact(fact, wanted),
            Condition::Not(inner) => return self.condition(inner, !wanted),
            // None of several is all of their opposites.
            Condition::All(parts) => (parts, wanted),
            Condition::Any(parts) => (parts, !wanted),
        };
        let parts: Vec<String> = parts.iter().map(|part| self.condition(part, wanted)).collect();
        match (parts.is_empty(), all) {
            (true, all) => all.to_string(),
            (false, true) => format!("({})", parts.join(" AND ")),
            (false, false) => format!("({})", parts.join(" OR ")),
        }
    }

    fn fact(&mut self, fact: &Fact, wanted: bool) -> String {
        match fact {
            Fact::Killmail(ids) => {
                let column = format!("{}.killmail_id", self.key);
                self.ids(&column, ids, wanted)
            }
            Fact::System(ids) => self.mail_ids("system_id", ids, wanted),
            Fact::Constellation(ids) => {
                let is_one = one_of(ids);
                self.systems(|system| is_one(system.constellation_id), wanted)
            }
            Fact::Region(ids) => {
                let is_one = one_of(ids);
                self.systems(|system| is_one(system.region_id), wanted)
            }
            Fact::Security(bands) => {
                let within = |band: Band| bands.contains(&band);
                self.systems(|system| Band::of(system).is_some_and(within), wanted)
            }
            Fact::War(ids) => {
                let is = self.mail_ids("war_id", ids, true);
                if wanted { is } else { format!("({is}) IS NOT TRUE") }
            }
            Fact::Party(party) => self.party(party, wanted),
            Fact::Item(carried, ids) => self.item(*carried, ids, wanted),
            Fact::Label(words) => self.words("labels", words, wanted),
            Fact::ModuleTag(words) => self.words("module_tags", words, wanted),
            Fact::ValueSource(sources) => {
                self.uses_enriched = true;
                let words: Vec<&str> = sources.iter().map(|source| source.name()).collect();
                let words = self.bind(words, Type::TEXT_ARRAY);
                let operator = if wanted { "= ANY" } else { "<> ALL" };
                format!("e.value_source {operator} ({words})")
            }
            Fact::Value(amount, bound) => self.value(*amount, *bound, wanted),
            Fact::Count(count, bound) => self.count(*count, *bound, wanted),
            Fact::Flag(flag) => {
                self.uses_enriched = true;
                let column = match flag {
                    Flag::Npc => "e.npc",
                    Flag::Solo => "e.solo",
                    Flag::Awox => "e.awox",
                };
                if wanted { column.to_owned() } else { format!("NOT {column}") }
            }
        }
    }

    /// One id as `=`: the index then gives its rows in the order of time.
    fn ids(&mut self, column: &str, ids: &[i64], wanted: bool) -> String {
        match (ids, wanted) {
            ([id], true) => format!("{column} = {}", self.bind(*id, Type::INT8)),
            ([id], false) => format!("{column} <> {}", self.bind(*id, Type::INT8)),
            (_, true) => format!("{column} = ANY ({})", self.bind(ids.to_vec(), Type::INT8_ARRAY)),
            (_, false) => {
                format!("{column} <> ALL ({})", self.bind(ids.to_vec(), Type::INT8_ARRAY))
            }
        }
    }

    fn mail_ids(&mut self, column: &str, ids: &[i64], wanted: bool) -> String {
        self.uses_mails = true;
        self.ids(&format!("r.{column}"), ids, wanted)
    }

    /// What lies in a place is known before the question: a list of systems, whose statistics the planner has.
    fn systems(&mut self, within: impl Fn(&System) -> bool, wanted: bool) -> String {
        let systems = self.catalogue.systems.iter().filter(|system| within(system));
        let ids: Vec<i64> = systems.map(|system| system.system_id).collect();
        if ids.len() <= SYSTEMS_PLANNED_MAX {
            return self.mail_ids("system_id", &ids, wanted);
        }
        self.uses_mails = true;
        let (is_in, list) =
            (if wanted { "IN" } else { "NOT IN" }, self.bind(ids, Type::INT8_ARRAY));
        // As a truth value it stays a filter: a set that is made once, in which each mail's system is looked up.
        format!("(r.system_id {is_in} (SELECT unnest({list}))) IS TRUE")
    }

    fn types_of_groups(&self, groups: &[i64]) -> Vec<i64> {
        let is_one = one_of(groups);
        let types = self.catalogue.types.iter().filter(|row| is_one(row.group_id));
        types.map(|row| row.type_id).collect()
    }

    fn party(&mut self, party: &Party, wanted: bool) -> String {
        if let (Role::Victim, [only]) = (party.role, party.traits.as_slice()) {
            // The victim's ship stands on the mail itself, and has an index there.
            match only.field {
                Field::ShipType => {
                    return self.mail_ids("ship_type_id", &only.ids, only.wanted == wanted);
                }
                Field::ShipGroup => {
                    let types = self.types_of_groups(&only.ids);
                    return self.mail_ids("ship_type_id", &types, only.wanted == wanted);
                }
                Field::Character
                | Field::Corporation
                | Field::Alliance
                | Field::Faction
                | Field::WeaponType => {}
            }
        }
        let (same, bounds) = (same_kill("q", self.key), self.bounds.on("q"));
        let row = self.participant(party, "q");
        let not = if wanted { "" } else { "NOT " };
        format!(
            "{not}EXISTS (SELECT FROM killmail_participants q WHERE {same} AND {bounds} AND {row})"
        )
    }

    /// What one row has to be. Where only a corporation or alliance is asked for, the first row of each is enough, and
    /// those alone are in their index.
    pub(super) fn participant(&mut self, party: &Party, alias: &str) -> String {
        let mut conditions: Vec<String> =
            party.traits.iter().map(|one| self.one_trait(one, alias)).collect();
        match (party.role, party.traits.as_slice()) {
            (Role::FinalBlow, _) => {}
            (_, [Trait { field: Field::Corporation, wanted: true, .. }]) => {
                conditions.push(format!("{alias}.first_of_corporation"));
            }
            (_, [Trait { field: Field::Alliance, wanted: true, .. }]) => {
                conditions.push(format!("{alias}.first_of_alliance"));
            }
            _ => {}
        }
        match party.role {
            Role::Victim => conditions.push(format!("{alias}.ordinal = 0")),
            Role::Attacker => conditions.push(format!("{alias}.ordinal > 0")),
            Role::FinalBlow => conditions.push(format!("{alias}.final_blow")),
            Role::Any => {}
        }
        conditions.join(" AND ")
    }

    fn one_trait(&mut self, one: &Trait, alias: &str) -> String {
        let (column, groups) = match one.field {
            Field::Character => ("character_id", false),
            Field::Corporation => ("corporation_id", false),
            Field::Alliance => ("alliance_id", false),
            Field::Faction => ("faction_id", false),
            Field::ShipType => ("ship_type_id", false),
            Field::ShipGroup => ("ship_type_id", true),
            Field::WeaponType => ("weapon_type_id", false),
        };
        let column = format!("{alias}.{column}");
        let is = if groups {
            let types = self.types_of_groups(&one.ids);
            self.ids(&column, &types, true)
        } else {
            self.ids(&column, &one.ids, true)
        };
        if one.wanted { is } else { format!("({is}) IS NOT TRUE") }
    }

    /// The array of types finds the kills; whether an item was fitted or dropped, the mail itself tells.
    fn item(&mut self, carried: Carried, ids: &[i64], wanted: bool) -> String {
        self.uses_mails = true;
        // The array holds what can be a type's id.
        let types: Vec<i32> = ids.iter().filter_map(|id| i32::try_from(*id).ok()).collect();
        let list = self.bind(types, Type::INT4_ARRAY);
        let holds = format!("r.item_type_ids && {list}");
        let how = match carried {
            Carried::Anyhow => None,
            Carried::Fitted => Some(FITTED),
            Carried::Dropped => Some(DROPPED),
        };
        let is = match how {
            None => holds,
            Some(path) => format!(
                "({holds} AND jsonb_path_exists(r.raw_payload, '{path}', \
                 jsonb_build_object('types', to_jsonb({list}))))"
            ),
        };
        if wanted { is } else { format!("({is}) IS NOT TRUE") }
    }

    /// Words of an array column: one of them is there, or none.
    fn words(&mut self, column: &str, words: &[String], wanted: bool) -> String {
        self.uses_enriched = true;
        let words = self.bind(words.to_vec(), Type::TEXT_ARRAY);
        if wanted { format!("e.{column} && {words}") } else { format!("NOT e.{column} && {words}") }
    }

    fn value(
        &mut self,
        amount: Amount,
        bound: Bound<noctis_core::isk::Isk>,
        wanted: bool,
    ) -> String {
        self.uses_enriched = true;
        let column = match amount {
            Amount::Total => "e.isk_value",
            Amount::Fitted => "e.fitted_value",
            Amount::Dropped => "e.dropped_value",
            Amount::Destroyed => "e.destroyed_value",
        };
        let (operator, isk) = match bound {
            Bound::Min(isk) => (">=", isk),
            Bound::Max(isk) => ("<=", isk),
        };
        let is = format!("{column} {operator} {}", self.bind(isk.amount(), Type::NUMERIC));
        if wanted { is } else { format!("({is}) IS NOT TRUE") }
    }

    fn count(&mut self, count: Count, bound: Bound<i64>, wanted: bool) -> String {
        let column = match count {
            Count::Attackers => "r.attacker_count",
            Count::Players => "r.player_count",
            Count::Points => "e.points",
        };
        match count {
            Count::Attackers | Count::Players => self.uses_mails = true,
            Count::Points => self.uses_enriched = true,
        }
        let (operator, number) = match bound {
            Bound::Min(number) => (">=", number),
            Bound::Max(number) => ("<=", number),
        };
        let is = format!("{column} {operator} {}", self.bind(number, Type::INT8));
        if wanted { is } else { format!("({is}) IS NOT TRUE") }
    }
}

/// Whether an id is among these. A page asks it of every type or system for each of its windows, most often for one id:
/// there a set's hashes took longer than the statements.
fn one_of(ids: &[i64]) -> impl Fn(i64) -> bool {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    move |id| ids.binary_search(&id).is_ok()
}
