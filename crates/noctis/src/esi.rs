//! CCP's API: one client with one budget for all who ask, which says when it may be asked rather than waiting itself.
//!
//! Without a contact there is no client, so nothing can go out. One request is under way at a time, so that the budget is
//! known before each. Redirects are not followed.

use std::sync::Arc;
use std::sync::Once;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use axum::http::header::{ETAG, EXPIRES, IF_NONE_MATCH, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use bytes::{Bytes, BytesMut};
use jiff::{SignedDuration, Timestamp};
use metrics::{counter, gauge};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

mod cache;
pub mod gate;
mod heard;

use cache::Cache;
pub use gate::{Closed, Gate, Why};
pub use heard::Heard;

/// The day whose behaviour of the API this client was written for.
const COMPATIBILITY_DATE: &str = "2026-10-01";
/// How long a connection may take, and a whole answer.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
const ANSWER_TIME_MAX: Duration = Duration::from_secs(20);
/// The longest answer that is read; a thousand names have 100 kB.
const ANSWER_BYTES_MAX: usize = 8 << 20;
/// Of a refusal's text, this much is shown.
const REFUSAL_CHARS_MAX: usize = 200;

pub(crate) const REQUESTS: &str = "noctis_esi_requests_total";
pub(crate) const BUDGET: &str = "noctis_esi_budget_remaining";

/// Asks CCP's API; clones share the budget.
#[derive(Clone)]
pub struct Esi {
    http: Client,
    base_url: Arc<str>,
    user_agent: Arc<str>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    gate: Gate,
    /// Requests that went out.
    sent: u64,
    cache: Cache,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum EsiError {
    /// Nothing was asked, or what was asked is to be asked again then.
    #[error("ESI is not asked before {}: {}", .0.until, .0.why)]
    Closed(Closed),
    #[error("ESI does not know it")]
    Unknown,
    #[error("ESI refused with {0}: {1}")]
    Refused(StatusCode, String),
}

impl Esi {
    /// A client that names this contact.
    ///
    /// # Errors
    /// Without a contact, or when the address is none.
    pub fn new(base_url: &str, contact: Option<&str>) -> anyhow::Result<Esi> {
        let Some(contact) = contact else { bail!(NO_CONTACT) };
        let base_url = base_url.trim_end_matches('/');
        let url = reqwest::Url::parse(base_url).context("the address esi.base_url")?;
        static PROVIDER: Once = Once::new();
        // Another part of the program may have installed one already, which is as good.
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let builder = Client::builder()
            .connect_timeout(CONNECT_TIME_MAX)
            .timeout(ANSWER_TIME_MAX)
            .redirect(Policy::none());
        let is_loopback = url.host_str().is_some_and(|host| {
            host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        });
        let builder = if is_loopback { builder.no_proxy() } else { builder };
        Ok(Esi {
            http: builder.build().context("setting up HTTP")?,
            base_url: base_url.into(),
            user_agent: user_agent(contact).into(),
            state: Arc::default(),
        })
    }

    /// Until when nothing is asked, and why, as far as is known at `now`.
    pub async fn closed_at(&self, now: Timestamp) -> Option<Closed> {
        self.state.lock().await.gate.closed_at(now)
    }

    /// What is left of each budget: its group, tokens left, tokens in all.
    pub async fn budgets(&self) -> Vec<(String, u64, u64)> {
        self.state.lock().await.gate.budgets()
    }

    /// Requests that went out so far, whatever came of them.
    pub async fn sent(&self) -> u64 {
        self.state.lock().await.sent
    }

    /// What stands at `path`, such as `/corporations/1000006/`; what was had before and has not expired is not asked
    /// for again.
    ///
    /// # Errors
    /// See [`EsiError`].
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        now: Timestamp,
    ) -> Result<T, EsiError> {
        let mut state = self.state.lock().await;
        let began = Instant::now();
        if let Some(body) = state.cache.fresh(path, now) {
            return read(&mut state.gate, &body, now);
        }
        let mut request = self.request(Method::GET, path);
        if let Some(etag) = state.cache.etag(path) {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let answer = self.send(&mut state, request, now).await?;
        let then = after(now, began);
        let expires = heard::date(&answer.headers, &EXPIRES);
        let body = if answer.status == StatusCode::NOT_MODIFIED {
            state.cache.renew(path, expires)
        } else {
            let etag = answer.headers.get(ETAG).and_then(|etag| etag.to_str().ok());
            state.cache.put(path, answer.body.clone(), etag, expires);
            Some(answer.body)
        };
        let Some(body) = body else {
            return Err(failed(
                &mut state.gate,
                "says that nothing changed, of what we never had",
                then,
            ));
        };
        read(&mut state.gate, &body, then)
    }

    /// The answer to a question that is posted; such answers do not expire.
    ///
    /// # Errors
    /// See [`EsiError`].
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: String,
        now: Timestamp,
    ) -> Result<T, EsiError> {
        let mut state = self.state.lock().await;
        let began = Instant::now();
        let request = self
            .request(Method::POST, path)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(body);
        let answer = self.send(&mut state, request, now).await?;
        read(&mut state.gate, &answer.body, after(now, began))
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base_url))
            .header(USER_AGENT, &*self.user_agent)
            .header("X-Compatibility-Date", COMPATIBILITY_DATE)
    }

    /// Sends if the gate is open, and tells the gate what came of it.
    async fn send(
        &self,
        state: &mut State,
        request: RequestBuilder,
        now: Timestamp,
    ) -> Result<Answer, EsiError> {
        if let Some(closed) = state.gate.closed_at(now) {
            return Err(EsiError::Closed(closed));
        }
        state.sent += 1;
        let began = Instant::now();
        let answer = whole(request).await;
        let then = after(now, began);
        let answer = match answer {
            Ok(answer) => answer,
            Err(problem) => {
                counter!(REQUESTS, "status" => "none").increment(1);
                return Err(failed(&mut state.gate, &problem, then));
            }
        };
        let status = answer.status;
        counter!(REQUESTS, "status" => status.as_str().to_owned()).increment(1);
        state.gate.heard(&Heard::of(status, &answer.headers, then), then);
        for (group, remaining, _) in state.gate.budgets() {
            gauge!(BUDGET, "group" => group).set(remaining as f64);
        }
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            return Ok(answer);
        }
        if status == StatusCode::NOT_FOUND {
            return Err(EsiError::Unknown);
        }
        let is_for_later = status.is_server_error() || gate::is_too_many(status);
        match state.gate.closed_at(then) {
            Some(closed) if is_for_later => Err(EsiError::Closed(closed)),
            _ => Err(EsiError::Refused(status, excerpt(&answer.body))),
        }
    }
}

/// The sentence for whoever wants names and has not set it.
pub const NO_CONTACT: &str = "nothing is asked of ESI before `contact` is set: write in noctis.toml how CCP can reach you, \
     such as contact = \"pilot@example.org\"";

fn user_agent(contact: &str) -> String {
    format!("noctis/{} ({contact}; killmail database)", env!("CARGO_PKG_VERSION"))
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// An answer to its end, or in half a sentence what went wrong.
async fn whole(request: RequestBuilder) -> Result<Answer, String> {
    let mut response: Response = request.send().await.map_err(|error| root_of(&error))?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| root_of(&error))? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(format!("sent more than {ANSWER_BYTES_MAX} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: body.freeze() })
}

fn read<T: DeserializeOwned>(gate: &mut Gate, body: &[u8], now: Timestamp) -> Result<T, EsiError> {
    serde_json::from_slice(body).map_err(|error| {
        failed(gate, &format!("sent what is not the JSON it should be: {error}"), now)
    })
}

fn failed(gate: &mut Gate, problem: &str, now: Timestamp) -> EsiError {
    EsiError::Closed(gate.failed(problem, now))
}

/// `now`, and what has passed since it was asked for.
fn after(now: Timestamp, began: Instant) -> Timestamp {
    let passed = SignedDuration::try_from(began.elapsed()).unwrap_or(SignedDuration::MAX);
    now.checked_add(passed).unwrap_or(Timestamp::MAX)
}

fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(body)
        .chars()
        .filter(|c| !c.is_control())
        .take(REFUSAL_CHARS_MAX)
        .collect()
}

/// The innermost cause, which says what happened; the outer ones repeat the address.
fn root_of(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("did not answer within {} seconds", ANSWER_TIME_MAX.as_secs());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    format!("could not be asked: {cause}")
}
