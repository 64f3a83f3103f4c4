//! What a question demands of a kill: a tree of facts, the same for a list, a stream and a watch.
//!
//! A fact holds or it does not: an amount that is not known is neither at least nor at most anything, so that *not*
//! turns a tree's answer around exactly. [`Condition::normalised`] gives trees that mean the same one form.

use std::fmt;

use crate::catalogue::Band;
use crate::enrich::ValueSource;
use crate::isk::Isk;

/// Demands put together. All of none is everything, any of none is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Is(Fact),
}

/// Something that holds of a kill or does not. Of a list, one is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Killmail(Vec<i64>),
    System(Vec<i64>),
    Constellation(Vec<i64>),
    Region(Vec<i64>),
    Security(Vec<Band>),
    War(Vec<i64>),
    Party(Party),
    /// The victim carried one of these types, containers' contents included.
    Item(Carried, Vec<i64>),
    Label(Vec<String>),
    ModuleTag(Vec<String>),
    ValueSource(Vec<ValueSource>),
    Value(Amount, Bound<Isk>),
    Count(Count, Bound<i64>),
    Flag(Flag),
}

/// One and the same participant in this role has all these traits; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    pub role: Role,
    pub traits: Vec<Trait>,
}

/// Who somebody is, or what he flies or fires: one of these ids, or none of them where they are not wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trait {
    pub field: Field,
    pub ids: Vec<i64>,
    pub wanted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Victim,
    Attacker,
    /// The attacker who fired last; no more than one, whatever the mail says.
    FinalBlow,
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Character,
    Corporation,
    Alliance,
    Faction,
    ShipType,
    ShipGroup,
    WeaponType,
}

/// What became of an item, or where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    Anyhow,
    /// In a slot of the ship itself, by its flag: high, mid, low, rig, subsystem or service. Mails of 2008 to 2011 flag
    /// what was fitted with 0, which tells nothing.
    Fitted,
    /// At least one of the stack dropped.
    Dropped,
}

/// An amount of ISK; it may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    Total,
    Fitted,
    Dropped,
    Destroyed,
}

/// A number of things; points may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Attackers,
    Players,
    Points,
}

/// At least, or at most; both include the number itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound<T> {
    Min(T),
    Max(T),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    Npc,
    Solo,
    Awox,
}

impl Condition {
    /// The same in one form: nothing nested that need not be, sorted, each demand once.
    #[must_use]
    pub fn normalised(self) -> Condition {
        match self {
            Condition::Is(fact) => Condition::Is(fact.normalised()),
            Condition::Not(inner) => match inner.normalised() {
                Condition::Not(twice) => *twice,
                once => Condition::Not(Box::new(once)),
            },
            Condition::All(parts) => {
                let parts = parts.into_iter().map(Condition::normalised);
                let flat = parts.flat_map(|part| match part {
                    Condition::All(inner) => inner,
                    other => vec![other],
                });
                one_or(flat.collect(), Condition::All)
            }
            Condition::Any(parts) => {
                let parts = parts.into_iter().map(Condition::normalised);
                let flat = parts.flat_map(|part| match part {
                    Condition::Any(inner) => inner,
                    other => vec![other],
                });
                one_or(flat.collect(), Condition::Any)
            }
        }
    }

    /// The demands that all have to hold, one by one.
    pub fn conjuncts(&self) -> &[Condition] {
        match self {
            Condition::All(parts) => parts,
            Condition::Any(_) | Condition::Not(_) | Condition::Is(_) => std::slice::from_ref(self),
        }
    }
}

fn one_or(mut parts: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    parts.sort_by_cached_key(Condition::to_string);
    parts.dedup();
    match parts.len() {
        1 => parts.remove(0),
        _ => many(parts),
    }
}

impl Fact {
    fn normalised(self) -> Fact {
        fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
            values.sort();
            values.dedup();
            values
        }
        match self {
            Fact::Killmail(ids) => Fact::Killmail(sorted(ids)),
            Fact::System(ids) => Fact::System(sorted(ids)),
            Fact::Constellation(ids) => Fact::Constellation(sorted(ids)),
            Fact::Region(ids) => Fact::Region(sorted(ids)),
            Fact::Security(bands) => Fact::Security(sorted(bands)),
            Fact::War(ids) => Fact::War(sorted(ids)),
            Fact::Item(carried, ids) => Fact::Item(carried, sorted(ids)),
            Fact::Label(words) => Fact::Label(sorted(words)),
            Fact::ModuleTag(words) => Fact::ModuleTag(sorted(words)),
            Fact::ValueSource(mut sources) => {
                sources.sort_by_key(|source| source.name());
                sources.dedup();
                Fact::ValueSource(sources)
            }
            Fact::Party(Party { role, mut traits }) => {
                for one in &mut traits {
                    one.ids = sorted(std::mem::take(&mut one.ids));
                }
                traits.sort_by_cached_key(Trait::to_string);
                traits.dedup();
                Fact::Party(Party { role, traits })
            }
            Fact::Value(..) | Fact::Count(..) | Fact::Flag(_) => self,
        }
    }
}

/// The tree as a text that is the same as long as it means the same: cursors are good for it alone.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, word: &str, parts: &[Condition]| {
            write!(f, "{word}(")?;
            parts.iter().try_for_each(|part| write!(f, "{part};"))?;
            f.write_str(")")
        };
        match self {
            Condition::All(parts) => list(f, "all", parts),
            Condition::Any(parts) => list(f, "any", parts),
            Condition::Not(inner) => write!(f, "not({inner})"),
            Condition::Is(fact) => fact.fmt(f),
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::Killmail(ids) => write!(f, "killmail={}", numbers(ids)),
            Fact::System(ids) => write!(f, "system={}", numbers(ids)),
            Fact::Constellation(ids) => write!(f, "constellation={}", numbers(ids)),
            Fact::Region(ids) => write!(f, "region={}", numbers(ids)),
            Fact::Security(bands) => {
                let words: Vec<_> = bands.iter().map(|band| band.name()).collect();
                write!(f, "security={}", words.join(","))
            }
            Fact::War(ids) => write!(f, "war={}", numbers(ids)),
            Fact::Party(party) => {
                write!(f, "party.{}(", party.role.name())?;
                party.traits.iter().try_for_each(|one| write!(f, "{one};"))?;
                f.write_str(")")
            }
            Fact::Item(carried, ids) => write!(f, "item.{}={}", carried.name(), numbers(ids)),
            Fact::Label(words) => write!(f, "label={}", counted(words)),
            Fact::ModuleTag(words) => write!(f, "module_tag={}", counted(words)),
            Fact::ValueSource(sources) => {
                let words: Vec<_> = sources.iter().map(|source| source.name()).collect();
                write!(f, "value.source={}", words.join(","))
            }
            Fact::Value(amount, Bound::Min(isk)) => write!(f, "{}>={isk}", amount.name()),
            Fact::Value(amount, Bound::Max(isk)) => write!(f, "{}<={isk}", amount.name()),
            Fact::Count(count, Bound::Min(number)) => write!(f, "{}>={number}", count.name()),
            Fact::Count(count, Bound::Max(number)) => write!(f, "{}<={number}", count.name()),
            Fact::Flag(flag) => f.write_str(flag.name()),
        }
    }
}

impl fmt::Display for Trait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.wanted { "=" } else { "!=" };
        write!(f, "{}{sign}{}", self.field.name(), numbers(&self.ids))
    }
}

fn numbers(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// Words may hold anything: their lengths say where they end.
fn counted(words: &[String]) -> String {
    words.iter().map(|word| format!("{}:{word}", word.len())).collect()
}

impl Role {
    /// The word before the dot in a key.
    pub fn name(self) -> &'static str {
        match self {
            Role::Victim => "victim",
            Role::Attacker => "attacker",
            Role::FinalBlow => "final_blow",
            Role::Any => "any",
        }
    }
}

impl Field {
    /// The word in a key, without `_id`.
    pub fn name(self) -> &'static str {
        match self {
            Field::Character => "character",
            Field::Corporation => "corporation",
            Field::Alliance => "alliance",
            Field::Faction => "faction",
            Field::ShipType => "ship_type",
            Field::ShipGroup => "ship_group",
            Field::WeaponType => "weapon_type",
        }
    }
}

impl Carried {
    fn name(self) -> &'static str {
        match self {
            Carried::Anyhow => "any",
            Carried::Fitted => "fitted",
            Carried::Dropped => "dropped",
        }
    }
}

impl Amount {
    /// The word in a key, behind `min_` or `max_`.
    pub fn name(self) -> &'static str {
        match self {
            Amount::Total => "value",
            Amount::Fitted => "fitted_value",
            Amount::Dropped => "dropped_value",
            Amount::Destroyed => "destroyed_value",
        }
    }
}

impl Count {
    /// The word in a key, behind `min_` or `max_`.
    pub fn name(self) -> &'static str {
        match self {
            Count::Attackers => "attacker_count",
            Count::Players => "player_count",
            Count::Points => "points",
        }
    }
}

impl Flag {
    /// The key.
    pub fn name(self) -> &'static str {
        match self {
            Flag::Npc => "npc",
            Flag::Solo => "solo",
            Flag::Awox => "awox",
        }
    }
}
