//! The static data in force: the newer of what the binary carries and what was imported, swapped while `serve` runs.

use std::io::Read;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context, bail};
use noctis_core::catalogue::Catalogue;
use noctis_store::static_data::{self, Imported};
use noctis_store::{Connection, Store};
use tokio_util::sync::CancellationToken;

use crate::logging::sentence;

/// A `serve` that runs takes up imported static data within this time.
pub const LOOK_INTERVAL: Duration = Duration::from_secs(5);
/// Larger static data than this is refused: it would be damaged, today's is a twentieth of it.
const TEXT_BYTES_MAX: u64 = 64 << 20;
/// Strong enough for a third of a megabyte less than the fastest, in half a second.
const COMPRESSION_LEVEL: i32 = 12;

/// The static data that this binary carries.
#[must_use]
pub fn embedded() -> Catalogue {
    Catalogue::parse(&noctis_sde::text()).expect("the embedded static data is well formed")
}

/// The static data in force, and what was imported if it is that.
#[derive(Clone, Debug)]
pub struct InForce {
    pub catalogue: Arc<Catalogue>,
    pub imported: Option<Imported>,
}

/// Reads what is in force in this database: what was imported, unless the binary carries a newer build.
///
/// Imported data that cannot be read does not stand in the way of importing it anew: that is logged, and the binary's
/// own is taken.
///
/// # Errors
/// When the database does not answer.
pub async fn in_force(client: &Connection) -> noctis_store::Result<InForce> {
    let embedded = InForce { catalogue: Arc::new(embedded()), imported: None };
    let Some(imported) = static_data::imported(client).await? else { return Ok(embedded) };
    if imported.build < embedded.catalogue.build_number() {
        return Ok(embedded);
    }
    let Some((imported, packed)) = static_data::packed(client).await? else { return Ok(embedded) };
    match unpack(&packed) {
        Ok(catalogue) => Ok(InForce { catalogue: Arc::new(catalogue), imported: Some(imported) }),
        Err(error) => {
            let error = sentence(&error);
            tracing::error!(error, "imported static data cannot be read: import it again");
            Ok(embedded)
        }
    }
}

/// A catalogue as it is kept in the database.
///
/// # Errors
/// When it is larger than any real one.
pub fn pack(catalogue: &Catalogue) -> anyhow::Result<Vec<u8>> {
    let text = catalogue.to_text();
    if text.len() as u64 > TEXT_BYTES_MAX {
        bail!("this static data takes {} bytes, {TEXT_BYTES_MAX} at most", text.len());
    }
    zstd::bulk::compress(text.as_bytes(), COMPRESSION_LEVEL).context("packing static data")
}

fn unpack(packed: &[u8]) -> anyhow::Result<Catalogue> {
    let mut text = String::new();
    zstd::Decoder::new(packed)
        .and_then(|decoder| decoder.take(TEXT_BYTES_MAX + 1).read_to_string(&mut text))
        .context("unpacking static data")?;
    if text.len() as u64 > TEXT_BYTES_MAX {
        bail!("the static data takes more than {TEXT_BYTES_MAX} bytes");
    }
    Ok(Catalogue::parse(&text)?)
}

/// The catalogue of a process that answers for long; clones share it.
#[derive(Clone, Debug)]
pub struct Current(Arc<RwLock<Arc<Catalogue>>>);

impl Current {
    #[must_use]
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self(Arc::new(RwLock::new(catalogue)))
    }

    /// The static data as it is now. Whoever holds it goes on with it after a swap.
    #[must_use]
    pub fn get(&self) -> Arc<Catalogue> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, catalogue: Arc<Catalogue>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = catalogue;
    }
}

/// Takes up what is imported, until it is told to stop. `seen` is what [`Current`] was made from.
pub async fn keep(
    store: Store,
    current: Current,
    mut seen: Option<Imported>,
    stop: CancellationToken,
) {
    while stop.run_until_cancelled(tokio::time::sleep(LOOK_INTERVAL)).await.is_some() {
        match stop.run_until_cancelled(look(&store, &current, seen)).await {
            Some(Ok(now)) => seen = now,
            Some(Err(error)) => tracing::warn!(%error, "the static data could not be looked at"),
            None => return,
        }
    }
}

async fn look(
    store: &Store,
    current: &Current,
    seen: Option<Imported>,
) -> noctis_store::Result<Option<Imported>> {
    let client = store.client().await?;
    let now = static_data::imported(&client).await?;
    if now == seen {
        return Ok(seen);
    }
    let InForce { catalogue, imported } = in_force(&client).await?;
    if imported.is_some() {
        tracing::info!(build = catalogue.build, "took up imported static data");
        current.set(catalogue);
    }
    Ok(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_unpacks_to_the_same_and_damage_is_no_panic() {
        let catalogue = embedded();
        let packed = pack(&catalogue).unwrap();
        println!("{} bytes packed", packed.len());
        assert_eq!(unpack(&packed).unwrap(), catalogue);
        assert!(unpack(&packed[..packed.len() / 2]).is_err());
        assert!(unpack(b"no zstd at all").is_err());
        let bomb = zstd::bulk::compress(&vec![b'x'; 65 << 20], 1).unwrap();
        assert!(unpack(&bomb).unwrap_err().to_string().contains("more than"));
    }
}
