//! An ESI on loopback: a real HTTP server with a galaxy of its own, faults to order, and a list of what it was asked.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Ids of one question at most, as the real one has it.
const IDS_MAX: usize = 1_000;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) ids: Vec<i64>,
    pub(crate) headers: HeaderMap,
}

/// What the next answer is instead of the right one.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    Status(u16, Vec<(&'static str, String)>),
    Body(&'static str),
    /// Half of a body, and then the connection is gone.
    Cut,
    /// More bytes than anybody should read.
    Endless,
}

#[derive(Default)]
pub(crate) struct Galaxy {
    /// Category and name by id.
    pub(crate) names: BTreeMap<i64, (&'static str, String)>,
    pub(crate) tickers: BTreeMap<i64, String>,
    /// Ids that spoil a whole question.
    pub(crate) bad: BTreeSet<i64>,
    /// Answers in turn, before all others.
    pub(crate) faults: VecDeque<Fault>,
    /// Headers of every right answer.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Tokens left in the bucket, if it has one, of 100; each request takes one.
    pub(crate) tokens: Option<u64>,
    pub(crate) asked: Vec<Asked>,
}

#[derive(Clone)]
pub(crate) struct Loopback {
    galaxy: Arc<Mutex<Galaxy>>,
    address: SocketAddr,
    _ends: Arc<DropGuard>,
}

impl Loopback {
    pub(crate) async fn start() -> Loopback {
        let galaxy: Arc<Mutex<Galaxy>> = Arc::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/universe/names/", post(names))
            .route("/{kind}/{id}/", get(entity))
            .with_state(Arc::clone(&galaxy));
        let end = CancellationToken::new();
        tokio::spawn(serve(listener, router, Arc::clone(&galaxy), end.clone()));
        Loopback { galaxy, address, _ends: Arc::new(end.drop_guard()) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn galaxy(&self) -> MutexGuard<'_, Galaxy> {
        self.galaxy.lock().unwrap()
    }

    /// Takes the list of what was asked.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.galaxy().asked)
    }

    /// Fills the galaxy with characters of these ids.
    pub(crate) fn characters(&self, ids: impl IntoIterator<Item = i64>) {
        let mut galaxy = self.galaxy();
        for id in ids {
            galaxy.names.insert(id, ("character", format!("Pilot {id}")));
        }
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.galaxy().faults.push_back(fault);
    }
}

/// Connections by hand where a fault is one of the connection; else the router answers.
async fn serve(
    listener: TcpListener,
    router: Router,
    galaxy: Arc<Mutex<Galaxy>>,
    end: CancellationToken,
) {
    while let Some(Ok((mut stream, _))) = end.run_until_cancelled(listener.accept()).await {
        let cut = {
            let mut galaxy = galaxy.lock().unwrap();
            let is_cut = matches!(galaxy.faults.front(), Some(Fault::Cut));
            if is_cut {
                galaxy.faults.pop_front();
            }
            is_cut
        };
        if cut {
            let mut request = [0; 1_024];
            let _ = stream.read(&mut request).await;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n[{\"id\":";
            let _ = stream.write_all(head.as_bytes()).await;
            continue;
        }
        let service = hyper_util::service::TowerToHyperService::new(router.clone());
        let ended = end.clone();
        tokio::spawn(async move {
            let builder =
                hyper_util::server::conn::auto::Builder::new(hyper_util::rt::TokioExecutor::new());
            let io = hyper_util::rt::TokioIo::new(stream);
            let connection = builder.serve_connection(io, service);
            let _ = ended.run_until_cancelled(connection).await;
        });
    }
}

type Shared = State<Arc<Mutex<Galaxy>>>;

async fn names(State(galaxy): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let ids: Vec<i64> = serde_json::from_slice(&body).unwrap();
    let mut galaxy = galaxy.lock().unwrap();
    let path = "/universe/names/".to_owned();
    galaxy.asked.push(Asked { path, ids: ids.clone(), headers });
    if let Some(fault) = galaxy.faults.pop_front() {
        return wrong(fault);
    }
    let distinct: BTreeSet<i64> = ids.iter().copied().collect();
    if ids.is_empty() || ids.len() > IDS_MAX || distinct.len() != ids.len() {
        return (StatusCode::BAD_REQUEST, "ids: 1 to 1000, each once").into_response();
    }
    let is_bad = |id: &i64| galaxy.bad.contains(id) || !galaxy.names.contains_key(id);
    if ids.iter().any(is_bad) {
        let error = json!({ "error": "Ensure all IDs are valid before resolving." });
        return galaxy.right(StatusCode::NOT_FOUND, &error);
    }
    let row = |id: &i64| {
        let (category, name) = &galaxy.names[id];
        json!({ "category": category, "id": id, "name": name })
    };
    let rows: Vec<Value> = ids.iter().map(row).collect();
    galaxy.right(StatusCode::OK, &json!(rows))
}

async fn entity(
    State(galaxy): Shared,
    Path((kind, id)): Path<(String, i64)>,
    headers: HeaderMap,
) -> Response {
    let mut galaxy = galaxy.lock().unwrap();
    let path = format!("/{kind}/{id}/");
    galaxy.asked.push(Asked { path, ids: vec![id], headers: headers.clone() });
    if let Some(fault) = galaxy.faults.pop_front() {
        return wrong(fault);
    }
    let etag = format!("\"{id}\"");
    if headers.get("if-none-match").is_some_and(|sent| sent == etag.as_str()) {
        return galaxy.right(StatusCode::NOT_MODIFIED, &Value::Null);
    }
    let Some(ticker) = galaxy.tickers.get(&id).cloned() else {
        return galaxy.right(StatusCode::NOT_FOUND, &json!({ "error": "not found" }));
    };
    let name = galaxy.names[&id].1.clone();
    let mut response = galaxy.right(StatusCode::OK, &json!({ "name": name, "ticker": ticker }));
    response.headers_mut().insert("etag", etag.parse().unwrap());
    response
}

impl Galaxy {
    /// An answer with the headers that all have.
    fn right(&mut self, status: StatusCode, body: &Value) -> Response {
        let mut response = Response::builder().status(status);
        for (name, value) in &self.headers {
            response = response.header(*name, value);
        }
        if let Some(tokens) = &mut self.tokens {
            *tokens = tokens.saturating_sub(1);
            response = response
                .header("X-Ratelimit-Group", "all")
                .header("X-Ratelimit-Limit", "100/15m")
                .header("X-Ratelimit-Remaining", tokens.to_string())
                .header("X-Ratelimit-Used", "1");
        }
        let body =
            if status == StatusCode::NOT_MODIFIED { String::new() } else { body.to_string() };
        response.body(Body::from(body)).unwrap()
    }
}

fn wrong(fault: Fault) -> Response {
    match fault {
        Fault::Status(status, headers) => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Body::from("{}")).unwrap()
        }
        Fault::Body(text) => text.into_response(),
        Fault::Endless => " ".repeat(9 << 20).into_response(),
        Fault::Cut => unreachable!("the connection is cut before"),
    }
}
