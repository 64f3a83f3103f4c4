//! What a kill in a list carries: enough that a board or a bot needs no second call.

use jiff::Timestamp;
use noctis_core::isk::Isk;
use noctis_core::killmail::KillmailHash;
use serde::Serialize;
use utoipa::ToSchema;

use super::naming::Naming;
use crate::figures::Amount;

/// A kill as a list shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Kill {
    pub killmail_id: i64,
    /// Forty hexadecimal digits; null where no feed told it and it cannot be computed.
    #[schema(required = true, value_type = Option<String>)]
    pub killmail_hash: Option<KillmailHash>,
    #[schema(value_type = String, format = DateTime)]
    pub killmail_time: Timestamp,
    /// When it was stored here.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    pub solar_system: SolarSystem,
    pub victim: Victim,
    #[schema(required = true)]
    pub final_blow: Option<FinalBlow>,
    pub attacker_count: i32,
    /// Attackers who are capsuleers.
    pub player_count: i32,
    pub value: KillValue,
    #[schema(required = true)]
    pub points: Option<i32>,
    pub labels: Vec<String>,
    pub module_tags: Vec<String>,
    #[schema(required = true)]
    pub war_id: Option<i64>,
}

/// Someone or something with a name, which is null where it is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Named {
    pub id: i64,
    #[schema(required = true)]
    pub name: Option<String>,
}

/// A ship, weapon or item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NamedType {
    pub id: i64,
    #[schema(required = true)]
    pub name: Option<String>,
    #[schema(required = true)]
    pub group: Option<Named>,
}

/// Where it happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SolarSystem {
    pub id: i64,
    #[schema(required = true)]
    pub name: Option<String>,
    /// The true security status, -1.0 to 1.0, not rounded.
    #[schema(required = true)]
    pub security: Option<f64>,
    #[schema(required = true)]
    pub constellation: Option<Named>,
    #[schema(required = true)]
    pub region: Option<Named>,
}

/// Who somebody was on the mail; null where the mail tells nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Party {
    #[schema(required = true)]
    pub character: Option<Named>,
    #[schema(required = true)]
    pub corporation: Option<Named>,
    #[schema(required = true)]
    pub alliance: Option<Named>,
    #[schema(required = true)]
    pub faction: Option<Named>,
}

/// Who lost the ship. Structures have no character.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Victim {
    #[serde(flatten)]
    pub party: Party,
    pub ship: NamedType,
    /// Only of one kill by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage_taken: Option<i64>,
}

/// Who fired last. NPCs have no character, some not even a ship.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FinalBlow {
    #[serde(flatten)]
    pub party: Party,
    #[schema(required = true)]
    pub ship: Option<NamedType>,
    #[schema(required = true)]
    pub weapon: Option<NamedType>,
}

/// ISK with two decimals as stored, null where nothing is known. The first four are of one source.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KillValue {
    #[schema(required = true, value_type = Option<f64>)]
    pub total: Option<Isk>,
    #[schema(required = true, value_type = Option<f64>)]
    pub fitted: Option<Isk>,
    #[schema(required = true, value_type = Option<f64>)]
    pub dropped: Option<Isk>,
    #[schema(required = true, value_type = Option<f64>)]
    pub destroyed: Option<Isk>,
    /// `zkb`, `own`, or `none` where nothing is known.
    pub source: String,
    /// zKillboard's total, whichever prevails.
    #[schema(required = true, value_type = Option<f64>)]
    pub zkb: Option<Isk>,
    /// Our own total, whichever prevails.
    #[schema(required = true, value_type = Option<f64>)]
    pub own: Option<Isk>,
    /// The day whose prices make our own; null where there is none.
    #[schema(required = true, value_type = Option<String>, format = Date)]
    pub price_date: Option<jiff::civil::Date>,
    /// Types on the mail that have no price and count nothing in our own; null where there is none.
    #[schema(required = true)]
    pub unpriced_count: Option<i32>,
}

impl KillValue {
    /// The total for people, if it is known: where types of it have no price, it is at least that much.
    pub(crate) fn worth(&self) -> Option<Amount> {
        let Amount { short, exact } = self.total.map(Amount::new)?;
        Some(match self.unpriced_count.filter(|count| self.source == "own" && *count > 0) {
            Some(count) => {
                let exact = format!("{exact} at least: {count} types have no price");
                Amount { short: format!("≥ {short}"), exact }
            }
            None => Amount { short, exact },
        })
    }
}

impl Kill {
    pub(super) fn new(kill: noctis_core::kill::Kill, naming: &Naming<'_>) -> Kill {
        let value = KillValue {
            total: kill.isk_value,
            fitted: kill.fitted_value,
            dropped: kill.dropped_value,
            destroyed: kill.destroyed_value,
            source: kill.value_source,
            zkb: kill.zkb_value,
            own: kill.own_value,
            price_date: kill.price_date,
            unpriced_count: kill.unpriced_count,
        };
        let victim = Victim {
            party: naming.party(&kill.victim),
            ship: naming.item_type(kill.ship_type_id),
            damage_taken: None,
        };
        let final_blow = kill.final_blow.map(|blow| FinalBlow {
            party: naming.party(&blow.party),
            ship: blow.ship_type_id.map(|id| naming.item_type(id)),
            weapon: blow.weapon_type_id.map(|id| naming.item_type(id)),
        });
        Kill {
            killmail_id: kill.killmail_id,
            killmail_hash: kill.killmail_hash,
            killmail_time: kill.killmail_time,
            received_at: kill.received_at,
            solar_system: naming.solar_system(kill.solar_system_id),
            victim,
            final_blow,
            attacker_count: kill.attacker_count,
            player_count: kill.player_count,
            value,
            points: kill.points,
            labels: kill.labels,
            module_tags: kill.module_tags,
            war_id: kill.war_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, unpriced_count: Option<i32>, expected: &str) {
        let total = Isk::parse("22963500");
        let (fitted, dropped, destroyed) = (None, None, None);
        let (zkb, own, price_date) = (None, total, None);
        let source = source.to_owned();
        let value = KillValue {
            total,
            fitted,
            dropped,
            destroyed,
            source,
            zkb,
            own,
            price_date,
            unpriced_count,
        };
        assert_eq!(value.worth().unwrap().short, expected);
    }

    #[test]
    fn a_value_of_which_something_has_no_price_is_told_as_a_least() {
        check("own", Some(22), "≥ 23.0M");
        check("own", Some(0), "23.0M");
        check("zkb", Some(22), "23.0M");
    }
}
