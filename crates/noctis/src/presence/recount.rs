//! A month counted anew, from all of its kills wherever they are.

use anyhow::{Context, bail};
use jiff::civil::Date;
use noctis_store::presence::{Recount, Recounted};

use super::{Counter, OTHERS_POLL, OTHERS_POLLS_MAX};

impl Counter {
    /// Compares what is counted of a month, given by its first day, with what its kills come to; writes it anew where that
    /// differs, if it is to `mend` it, while nobody else counts.
    ///
    /// # Errors
    /// When the database does not answer, a file of the archive cannot be read, or somebody else counts for too long.
    pub async fn recount(&self, month: Date, mend: bool) -> anyhow::Result<Recounted> {
        let catalogue = self.catalogue.get();
        let mut client = self.store.client().await?;
        for _ in 0..OTHERS_POLLS_MAX {
            if let Some(recount) = Recount::begin(&mut client, &catalogue, month, mend).await? {
                return self.through(recount, mend).await;
            }
            tokio::time::sleep(OTHERS_POLL).await;
        }
        bail!("somebody else is counting all the time; try again when the import has finished")
    }

    async fn through(&self, mut recount: Recount<'_>, mend: bool) -> anyhow::Result<Recounted> {
        // Each page moves on by one kill at least.
        while let Some(missing) = recount.next().await? {
            let mut found = Vec::new();
            let cold = recount.cold();
            let read = self.kills.archived_mails(cold, &missing, |mail| found.push(mail)).await;
            read.context("recounting kills that are in the archive")?;
            recount.add(found);
        }
        Ok(recount.finish(mend).await?)
    }
}
