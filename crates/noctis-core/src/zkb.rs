//! What zKillboard says of a killmail beside its body: value, points, labels.

use crate::isk::Isk;

/// zKillboard's `zkb` block, its known fields typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Zkb {
    pub total_value: Option<Isk>,
    pub fitted_value: Option<Isk>,
    pub dropped_value: Option<Isk>,
    pub destroyed_value: Option<Isk>,
    pub points: Option<i32>,
    pub npc: Option<bool>,
    pub solo: Option<bool>,
    pub awox: Option<bool>,
    pub labels: Vec<String>,
}
