//! What every request is answered from.

use std::path::PathBuf;
use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use noctis_archive::Place;
use noctis_core::catalogue::Catalogue;
use noctis_core::partition::Policy;
use noctis_store::Store;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;

use crate::answer::Words;
use crate::api::metrics;
use crate::config::Cors;
use crate::kills::Kills;
use crate::static_data::Current;
use crate::suggest::Suggest;

/// Requests answered at the same time; more are refused at once rather than kept waiting.
pub const REQUESTS_MAX: usize = 256;

/// The state of the HTTP server; cheap to clone.
#[derive(Clone)]
pub struct App {
    pub store: Store,
    /// Where kills are read from, archived ones too.
    pub kills: Kills,
    current: Current,
    /// Present when the data is generated: pages then say so, and offer these questions.
    pub sample: Option<Arc<[SampleQuestion]>>,
    image_server: Option<Arc<str>>,
    pub(crate) requests: Arc<Semaphore>,
    pub(crate) metrics: PrometheusHandle,
    /// Pages of other sites that may read the API's answers.
    pub(crate) cors: Cors,
    pub(crate) words: Arc<Words>,
    /// Names in memory; `serve` keeps them.
    pub suggest: Suggest,
    /// What months are to be kept, by which figures tell a drift.
    pub(crate) policy: Policy,
    /// Folders whose free room is told, each with what it is for.
    pub(crate) folders: Arc<[(&'static str, PathBuf)]>,
    pub(crate) figures_asked_at: Arc<Mutex<Option<Instant>>>,
}

/// A question to try, as its page, as a call of the API and as SQL.
#[derive(Clone, Debug)]
pub struct SampleQuestion {
    pub title: String,
    /// A query string without its `?`, such as `system=Jita&from=7d`.
    pub query: String,
    pub sql: String,
}

impl App {
    /// `store` is one whose sessions have a statement timeout, since strangers ask.
    #[must_use]
    pub fn new(store: Store, catalogue: Arc<Catalogue>) -> App {
        App {
            kills: Kills::new(store.clone(), None),
            store,
            current: Current::new(catalogue),
            sample: None,
            image_server: None,
            requests: Arc::new(Semaphore::new(REQUESTS_MAX)),
            metrics: metrics::handle(),
            cors: Cors::Off,
            words: Arc::default(),
            suggest: Suggest::default(),
            policy: Policy::default(),
            folders: Arc::new([]),
            figures_asked_at: Arc::default(),
        }
    }

    /// The same, for a store that is kept by this policy and lies in these folders.
    #[must_use]
    pub fn with_lifecycle(self, policy: Policy, folders: Vec<(&'static str, PathBuf)>) -> App {
        App { policy, folders: folders.into(), ..self }
    }

    /// The static data as it is now.
    #[must_use]
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.current.get()
    }

    /// Where the static data is swapped.
    #[must_use]
    pub fn current(&self) -> Current {
        self.current.clone()
    }

    /// The same, with the months that the archive of this place holds.
    #[must_use]
    pub fn with_archive(self, place: Place) -> App {
        App { kills: Kills::new(self.store.clone(), Some(place)), ..self }
    }

    /// The same, with answers for pages of other sites.
    #[must_use]
    pub fn with_cors(self, cors: Cors) -> App {
        App { cors, ..self }
    }

    /// The same over generated data.
    #[must_use]
    pub fn with_sample(self, questions: Vec<SampleQuestion>) -> App {
        App { sample: Some(questions.into()), ..self }
    }

    /// Whose pictures pages show, if any: an address without a slash at its end.
    #[must_use]
    pub fn image_server(&self) -> Option<&str> {
        self.image_server.as_deref()
    }

    /// The same with pictures from this server, an address that may stand in a header.
    #[must_use]
    pub fn with_images(self, server: &str) -> App {
        App { image_server: Some(server.trim_end_matches('/').into()), ..self }
    }
}
