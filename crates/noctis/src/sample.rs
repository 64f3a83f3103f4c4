//! The sample galaxy of `serve --sample`: generated killmails with names, and four questions worth asking.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::generate::{
    self, GalaxySource, Generator, Scene, SceneKind, alliance_of, corporation_of, sample_galaxy,
};
use noctis_core::killmail::Killmail;
use noctis_core::killmail::split::Piece;
use noctis_core::time::eve_time;
use noctis_store::Store;
use noctis_store::ingest::{Batch, IngestOptions, Ingester};
use noctis_store::names::{self, NewNames};
use tokio_util::sync::CancellationToken;

use crate::app::SampleQuestion;
use crate::clock;
use crate::reading::value::{Reading, read};

/// Always the same galaxy.
const SEED: u64 = 2003;

/// A galaxy that ends at a certain moment.
pub struct Sample {
    generator: Generator,
    scenes: Vec<Scene>,
}

impl Sample {
    /// The galaxy whose last kill happens at `now`: the moment the store was made, so that the same kills are made each
    /// time, and a filling that was cut off is gone on with.
    ///
    /// # Errors
    /// Never with the embedded static data.
    pub fn new(catalogue: &Catalogue, now: Timestamp) -> anyhow::Result<Sample> {
        let (generator, scenes) = sample_galaxy(&GalaxySource::of(catalogue), SEED, now)?;
        Ok(Sample { generator, scenes })
    }

    /// What to ask of it; `folder` is where its store lives.
    #[must_use]
    pub fn questions(&self, catalogue: &Catalogue, folder: &Path) -> Vec<SampleQuestion> {
        self.scenes.iter().map(|scene| question(scene, catalogue, folder)).collect()
    }
}

/// Fills the store, newest names last, and says how many kills there are; stops early when told.
///
/// # Errors
/// When the database does not answer.
pub async fn fill(
    sample: Sample,
    store: &Store,
    options: IngestOptions,
    stop: &CancellationToken,
) -> anyhow::Result<u64> {
    let Sample { mut generator, .. } = sample;
    let mut ingester = Ingester::new(store, options).await?;
    let (mut batch, mut seen, mut kills) = (Batch::default(), Seen::default(), 0);
    let source: Arc<str> = "sample".into();
    let mut line = Vec::new();
    while generator.write_next(&mut line) && !stop.is_cancelled() {
        match read(Piece::Value(std::mem::take(&mut line)), &source, clock::now()) {
            Reading::Kill(kill) => {
                seen.see(&kill.mail.killmail);
                batch.add(*kill).ok().context("the generator made one id twice")?;
            }
            _ => bail!("the generator made something that is no killmail"),
        }
        kills += 1;
        if batch.is_full() {
            ingester.store(std::mem::take(&mut batch), clock::now()).await?;
            tracing::info!(kills, "filling the sample galaxy");
        }
    }
    ingester.store(batch, clock::now()).await?;
    names::put(&mut *store.client().await?, &seen.into_names(), clock::now()).await?;
    Ok(kills)
}

/// The invented entities met so far.
#[derive(Default)]
struct Seen {
    characters: BTreeSet<i64>,
    corporations: BTreeSet<i64>,
    alliances: BTreeSet<i64>,
}

impl Seen {
    fn see(&mut self, killmail: &Killmail) {
        let victim = &killmail.victim;
        let victim = (victim.character_id, victim.corporation_id, victim.alliance_id);
        let attackers = killmail
            .attackers
            .iter()
            .map(|one| (one.character_id, one.corporation_id, one.alliance_id));
        let invented = |id: Option<i64>| id.filter(|&id| generate::is_invented(id));
        for (character, corporation, alliance) in attackers.chain([victim]) {
            self.characters.extend(invented(character));
            self.corporations.extend(invented(corporation));
            self.alliances.extend(invented(alliance));
        }
    }

    fn into_names(self) -> NewNames {
        let character = |id| {
            let corporation = corporation_of(id);
            (id, generate::character_name(id), Some(corporation), alliance_of(corporation))
        };
        let corporation =
            |id| (id, generate::corporation_name(id), Some(generate::ticker(id)), alliance_of(id));
        let alliance = |id| (id, generate::alliance_name(id), Some(generate::ticker(id)));
        NewNames {
            characters: self.characters.into_iter().map(character).collect(),
            corporations: self.corporations.into_iter().map(corporation).collect(),
            alliances: self.alliances.into_iter().map(alliance).collect(),
        }
    }
}

/// A scene as a question, in the language and as SQL.
fn question(scene: &Scene, catalogue: &Catalogue, folder: &Path) -> SampleQuestion {
    let (title, key, condition) = match scene.kind {
        SceneKind::TitanBrawl => (
            "A titan brawl: what was worth ten billion and more",
            "min_value=1e10",
            "value >= 1e10",
        ),
        SceneKind::GateCamp => ("A gate camp: one gang, one evening", "npc=false", "NOT npc"),
        SceneKind::StructureLoss => {
            ("A structure falls", "labels=structure", "labels && ARRAY['structure']")
        }
        SceneKind::NpcKills => ("Killed by NPCs alone", "npc=true", "npc"),
    };
    let (id, from, to) = (scene.system_id, scene.from, scene.to);
    SampleQuestion {
        title: format!("{title} ({})", catalogue.systems.name(id).unwrap_or("an unknown system")),
        query: format!("solar_system_id={id}&from={from}&to={to}&{key}"),
        sql: include_str!("sample/question.sql")
            .replace(":folder", &folder.display().to_string())
            .replace(":system", &id.to_string())
            .replace(":from", &eve_time(from))
            .replace(":to", &eve_time(to))
            .replace(":condition", condition),
    }
}
