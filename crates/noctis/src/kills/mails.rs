//! Kills with everybody on them, as far as they are counted: for lists of what is most frequent, and for whoever counts what is
//! in no table.

use std::sync::Arc;

use noctis_core::archive::Manifest;
use noctis_core::kill::Key;
use noctis_core::presence::Mail;
use noctis_store::presence;

use super::{Kills, Result, World};

/// Kills whose participants are in memory at a time.
const KILLS_AT_A_TIME: usize = 2_000;

impl Kills {
    /// These kills with everybody on them, as far as they are counted, in no order. One that is gone meanwhile is left out.
    ///
    /// # Errors
    /// As [`by_keys`](Kills::by_keys).
    pub async fn mails(&self, keys: &[Key]) -> Result<Vec<Mail>> {
        self.consistently(|world| self.mails_in(world, keys)).await
    }

    async fn mails_in(&self, world: Arc<World>, keys: &[Key]) -> Result<Vec<Mail>> {
        let mut mails = Vec::with_capacity(keys.len());
        let client = self.client().await?;
        let missing = presence::mails(&client, keys, |mail| mails.push(mail)).await?;
        drop(client);
        for (part, keys) in world.parts_of(&missing, |_| false) {
            mails.extend(self.read(part, |reader| reader.mails(part, &keys)).await?);
        }
        Ok(mails)
    }

    /// Gives those of these kills that these parts have to `tell`. A kill is in one part at most.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub(crate) async fn archived_mails(
        &self,
        parts: &[Manifest],
        keys: &[Key],
        mut tell: impl FnMut(Mail),
    ) -> Result<()> {
        let world = World { epoch: 0, cold: parts.to_vec() };
        for (part, keys) in world.parts_of(keys, |_| false) {
            for keys in keys.chunks(KILLS_AT_A_TIME) {
                let mails = self.read(part, |reader| reader.mails(part, keys)).await?;
                mails.into_iter().for_each(&mut tell);
            }
        }
        Ok(())
    }
}
