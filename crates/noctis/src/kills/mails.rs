//! Kills of the archive as far as they are counted, for whoever counts what is in no table.

use noctis_core::archive::Manifest;
use noctis_core::kill::Key;
use noctis_core::presence::Mail;

use super::{Kills, Result, World};

/// Kills whose participants are in memory at a time.
const KILLS_AT_A_TIME: usize = 2_000;

impl Kills {
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
