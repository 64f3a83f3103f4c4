//! How our own values compare with zKillboard's.

use deadpool_postgres::Object;
use jiff::Timestamp;
use serde::Serialize;

use crate::Result;

/// The kills of one group of ships, or all.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The group of the lost ship; null over all, and for ships the static data does not know.
    pub group: Option<String>,
    pub kills: i64,
    /// Kills with a value of our own.
    pub with_own: i64,
    /// Kills with a value of zKillboard's.
    pub with_zkb: i64,
    /// Kills with both; what follows is of these.
    pub compared: i64,
    /// Kills of which something had no price.
    pub with_unpriced: i64,
    /// Own value divided by zKillboard's: a tenth of the kills are below, half of them, a tenth above.
    pub p10: Option<f64>,
    pub median: Option<f64>,
    pub p90: Option<f64>,
}

/// Compares the kills from one time to before another: first over all, then by group, the most kills first.
pub async fn report(client: &Object, from: Timestamp, to: Timestamp) -> Result<Vec<Comparison>> {
    let rows = client.query(include_str!("../../sql/prices/report.sql"), &[&from, &to]).await?;
    let compared = rows.iter().map(|row| Comparison {
        group: row.get("group_name"),
        kills: row.get("kills"),
        with_own: row.get("with_own"),
        with_zkb: row.get("with_zkb"),
        compared: row.get("compared"),
        with_unpriced: row.get("with_unpriced"),
        p10: row.get("p10"),
        median: row.get("median"),
        p90: row.get("p90"),
    });
    Ok(compared.collect())
}
