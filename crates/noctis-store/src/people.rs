//! Whom the names of a question mean.

use deadpool_postgres::Object;
use noctis_core::question::people::{Kind, People, Wanted};

use crate::Result;

/// People of all names of one question together. That many would share names only if somebody made them to.
const FOUND_MAX: i64 = 10_000;

/// Looks names up in one round trip; in none where there are none.
///
/// # Errors
/// When the database does not answer.
pub async fn named(client: &Object, wanted: &Wanted) -> Result<People> {
    let mut people = People::default();
    if wanted.is_empty() {
        return Ok(people);
    }
    let Wanted { characters, corporations, alliances } = wanted;
    let statement = client.prepare_cached(include_str!("../sql/names/people.sql")).await?;
    let rows = client.query(&statement, &[characters, corporations, alliances, &FOUND_MAX]).await?;
    for row in rows {
        let kind = match row.get("kind") {
            "character" => Kind::Character,
            "corporation" => Kind::Corporation,
            _ => Kind::Alliance,
        };
        people.add(kind, row.get("written"), row.get("eve_id"), row.get("name"));
    }
    Ok(people)
}
