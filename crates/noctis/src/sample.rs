//! The sample galaxy of `serve --sample`: generated killmails with names, and four questions worth asking.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::generate::{
    self, GalaxySource, Generator, Scene, SceneKind, alliance_of, corporation_of, sample_galaxy,
};
use noctis_core::killmail::shape::{Record, recognise};
use noctis_core::killmail::split::Piece;
use noctis_core::time::eve_time;
use noctis_store::ingest::{Batch, IngestOptions, Ingester};
use noctis_store::names::{self, NewNames};
use noctis_store::{Store, summary};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::reading::incoming;

/// Always the same galaxy.
const SEED: u64 = 2003;

/// A question to click on the first page, with the same as a command and as SQL.
#[derive(Clone, Debug)]
pub struct SampleQuestion {
    pub title: String,
    /// The query string of `GET /api/v1/killmails`.
    pub query: String,
    pub sql: String,
}

/// Fills the store with the sample galaxy, or goes on where an earlier filling was cut off. Its last kill happened when
/// the store was made, so that the same kills are made each time.
///
/// # Errors
/// When the database does not answer.
pub async fn fill(
    store: &Store,
    options: IngestOptions,
    stop: &CancellationToken,
    progress: impl Fn(u64),
) -> anyhow::Result<Vec<SampleQuestion>> {
    let summary = summary::summary(&*store.client().await?).await?;
    let catalogue = Arc::clone(&options.catalogue);
    let (mut generator, scenes) = galaxy(&catalogue, summary.created_at)?;
    let questions = scenes.iter().map(|scene| question(scene, &catalogue)).collect();
    let mut ingester = Ingester::new(store, options).await?;
    let (mut batch, mut names, mut read) = (Batch::default(), Seen::default(), 0);
    let mut line = Vec::new();
    while generator.write_next(&mut line) && !stop.is_cancelled() {
        let piece = Piece::Value(std::mem::take(&mut line));
        if let Record::Mail(mail) = recognise(&piece).context("reading a generated killmail")? {
            names.see(&mail.killmail);
            let Piece::Value(input) = piece else { continue };
            batch.add(incoming(*mail, input, "sample", &catalogue), &catalogue).ok().context("one id twice")?;
        }
        read += 1;
        if batch.is_full() {
            ingester.store(std::mem::take(&mut batch), clock::now()).await?;
            progress(read);
        }
    }
    ingester.store(batch, clock::now()).await?;
    names::put(&*store.client().await?, &names.into_names()).await?;
    progress(read);
    Ok(questions)
}

fn galaxy(catalogue: &Catalogue, now: Timestamp) -> anyhow::Result<(Generator, Vec<Scene>)> {
    Ok(sample_galaxy(&GalaxySource::of(catalogue), SEED, now)?)
}

/// The invented entities met so far.
#[derive(Default)]
struct Seen {
    characters: BTreeSet<i64>,
    corporations: BTreeSet<i64>,
    alliances: BTreeSet<i64>,
}

impl Seen {
    fn see(&mut self, killmail: &noctis_core::killmail::Killmail) {
        let victim = &killmail.victim;
        let victim = (victim.character_id, victim.corporation_id, victim.alliance_id);
        let attackers =
            killmail.attackers.iter().map(|one| (one.character_id, one.corporation_id, one.alliance_id));
        for (character, corporation, alliance) in attackers.chain([victim]) {
            self.characters.extend(character.filter(|&id| generate::is_invented(id)));
            self.corporations.extend(corporation.filter(|&id| generate::is_invented(id)));
            self.alliances.extend(alliance.filter(|&id| generate::is_invented(id)));
        }
    }

    fn into_names(self) -> NewNames {
        let corporation = |id| (id, generate::corporation_name(id), Some(generate::ticker(id)), alliance_of(id));
        let character = |id| {
            let corporation = corporation_of(id);
            (id, generate::character_name(id), Some(corporation), alliance_of(corporation))
        };
        NewNames {
            characters: self.characters.into_iter().map(character).collect(),
            corporations: self.corporations.into_iter().map(corporation).collect(),
            alliances: self
                .alliances
                .into_iter()
                .map(|id| (id, generate::alliance_name(id), Some(generate::ticker(id))))
                .collect(),
        }
    }
}

fn question(scene: &Scene, catalogue: &Catalogue) -> SampleQuestion {
    let system = catalogue.systems.name(scene.system_id).unwrap_or("?");
    let id = scene.system_id;
    let (from, to) = (scene.from, scene.to);
    let bounds = format!("killmail_time >= '{}+00' AND killmail_time < '{}+00'", eve_time(from), eve_time(to));
    let (title, key, condition) = match scene.kind {
        SceneKind::TitanBrawl => {
            ("A titan brawl: the losses worth ten billion and more", "&min_value=1e10".to_owned(), "value >= 1e10")
        }
        SceneKind::GateCamp => ("A gate camp: one gang, one evening", "&npc=false".to_owned(), "NOT npc"),
        SceneKind::StructureLoss => ("A structure falls", "&labels=structure".to_owned(), "labels && ARRAY['structure']"),
        SceneKind::NpcKills => ("Killed by NPCs alone", "&npc=true".to_owned(), "npc"),
    };
    SampleQuestion {
        title: format!("{title} ({system})"),
        query: format!("solar_system_id={id}&from={from}&to={to}{key}"),
        sql: format!(
            "SELECT killmail_time, ship_type_name, victim_character_name, value\nFROM eve.kills\n\
             WHERE solar_system_id = {id}\n  AND {bounds}\n  AND {condition}\nORDER BY killmail_time DESC;"
        ),
    }
}
