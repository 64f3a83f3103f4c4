//! A migrated store for each test, with the static data loaded.

use std::sync::{Arc, OnceLock};

use noctis_core::catalogue::Catalogue;
use noctis_core::enrich::prices::Prefer;
use noctis_core::partition::Policy;
use tokio_postgres::Client;

use super::TestDatabase;
use crate::ingest::{IngestOptions, PARTITIONS_ON_DEMAND_IMPORT};
use crate::partitions::LockBudget;
use crate::{Store, StoreOptions, migrate, static_data};

/// Connections a test's store may open.
const CONNECTIONS_MAX: usize = 8;

/// A store in a database of its own.
pub struct TestStore {
    pub store: Store,
    pub database: TestDatabase,
}

impl TestStore {
    /// A clone of the migrated template.
    ///
    /// # Panics
    /// With one line if there is no server.
    pub async fn new() -> TestStore {
        let fingerprint = format!("{}_{}", migrate::fingerprint(), catalogue().build);
        let database = TestDatabase::new(&fingerprint, async |client: &mut Client| {
            migrate::migrate(client).await?;
            static_data::load(client, &catalogue()).await.map(|_| ())
        })
        .await;
        let options = StoreOptions {
            config: database.owner_config(),
            connections_max: CONNECTIONS_MAX,
            statement_timeout: None,
        };
        let store = Store::connect(options).await.expect("the tests' server accepts its owner");
        TestStore { store, database }
    }
}

/// The embedded static data, read once a process.
///
/// # Panics
/// Never: a test of its crate reads it.
pub fn catalogue() -> Arc<Catalogue> {
    static CATALOGUE: OnceLock<Arc<Catalogue>> = OnceLock::new();
    let read = || {
        Arc::new(
            Catalogue::parse(&noctis_sde::text()).expect("the embedded static data is well formed"),
        )
    };
    Arc::clone(CATALOGUE.get_or_init(read))
}

/// Months, three ahead, on demand as an import may.
pub fn ingest_options() -> IngestOptions {
    IngestOptions {
        catalogue: catalogue(),
        prefer: Prefer::default(),
        policy: Policy::default(),
        lock_budget: LockBudget::default(),
        again: false,
        allow_generated: false,
        partitions_on_demand: PARTITIONS_ON_DEMAND_IMPORT,
    }
}
