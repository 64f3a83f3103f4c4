//! Names of characters, corporations and alliances, written in batches.

use tokio_postgres::Client;

use crate::Result;

/// Names written in one statement at most.
const ROWS_MAX: usize = 10_000;

/// Names to be entered. An id is in each list once.
#[derive(Clone, Debug, Default)]
pub struct NewNames {
    /// Id, name, corporation, alliance.
    pub characters: Vec<(i64, String, Option<i64>, Option<i64>)>,
    /// Id, name, ticker, alliance.
    pub corporations: Vec<(i64, String, Option<String>, Option<i64>)>,
    /// Id, name, ticker.
    pub alliances: Vec<(i64, String, Option<String>)>,
}

/// Enters names, or writes those anew that have changed. Safe to repeat.
pub async fn put(client: &Client, names: &NewNames) -> Result<()> {
    for rows in names.characters.chunks(ROWS_MAX) {
        let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
        let called: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
        let corporations: Vec<Option<i64>> = rows.iter().map(|row| row.2).collect();
        let alliances: Vec<Option<i64>> = rows.iter().map(|row| row.3).collect();
        let sql = include_str!("../sql/names/put_characters.sql");
        client.execute(sql, &[&ids, &called, &corporations, &alliances]).await?;
    }
    for rows in names.corporations.chunks(ROWS_MAX) {
        let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
        let called: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
        let tickers: Vec<Option<&str>> = rows.iter().map(|row| row.2.as_deref()).collect();
        let alliances: Vec<Option<i64>> = rows.iter().map(|row| row.3).collect();
        let sql = include_str!("../sql/names/put_corporations.sql");
        client.execute(sql, &[&ids, &called, &tickers, &alliances]).await?;
    }
    for rows in names.alliances.chunks(ROWS_MAX) {
        let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
        let called: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
        let tickers: Vec<Option<&str>> = rows.iter().map(|row| row.2.as_deref()).collect();
        client
            .execute(include_str!("../sql/names/put_alliances.sql"), &[&ids, &called, &tickers])
            .await?;
    }
    Ok(())
}
