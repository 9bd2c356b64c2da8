//! Lists of the API, read page by page or record by record.

use std::{
    collections::HashSet,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{
    Stream, StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    client::{
        endpoint::Endpoint,
        json::{DecodeError, Response},
        transport::Call,
    },
    error::Error,
    flowglad::Flowglad,
    input::InvalidInput,
    model::whole_or_rounded_down,
};

const CURSOR: &str = "cursor";
const LIMIT: &str = "limit";

/// The API's maximum number of records per page.
const MAX_LIMIT: u32 = 100;

/// An operation that lists records in pages.
pub(crate) type ListEndpoint<T> = Endpoint<(), PageReply<T>>;

pub(crate) const fn list<T>(operation: &'static str, path: &'static str) -> ListEndpoint<T> {
    Endpoint::get(operation, path)
}

/// A list of the API, oldest record first. Read it with [`page`](Self::page) or [`stream`](Self::stream).
///
/// ```no_run
/// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
/// let first = flowglad.customers().list().limit(50).page().await?;
/// println!("{} of {} customers", first.data.len(), first.total);
///
/// let mut customers = flowglad.customers().list().stream();
/// while let Some(customer) = customers.next().await {
///     println!("{}", customer?.external_id);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a list is not read until `page` or `stream` is called"]
pub struct List<T: 'static> {
    flowglad: Flowglad,
    endpoint: &'static ListEndpoint<T>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The records, each with its raw JSON.
    pub data: Vec<Response<T>>,
    /// The number of records in the whole list.
    pub total: i64,
    /// The cursor of the next page, for [`List::cursor`]. `None` on the last page.
    pub next_cursor: Option<String>,
}

/// The records of a list, one after the other. Each page is requested when its first record is needed.
///
/// The records end after the first error. This type is also a [`Stream`], for use with the `futures` crates.
#[must_use = "no record is read until `next` is called"]
pub struct Records<T> {
    records: BoxStream<'static, Result<Response<T>, Error>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageReply<T> {
    data: Vec<T>,
    has_more: bool,
    next_cursor: Option<String>,
    #[serde(deserialize_with = "whole_or_rounded_down")]
    total: i64,
}

/// The records as slices of the response body.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

impl<T> List<T> {
    pub(crate) fn new(flowglad: &Flowglad, endpoint: &'static ListEndpoint<T>) -> Self {
        Self { flowglad: flowglad.clone(), endpoint, limit: None, cursor: None }
    }

    /// Sets the number of records per page, 1 to 100. Default: the API's, which is 10.
    pub fn limit(mut self, records: u32) -> Self {
        self.limit = Some(records);
        self
    }

    /// Begins after an earlier page; pass its [`next_cursor`](Page::next_cursor).
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
    }
}

impl<T: DeserializeOwned + Send + Sync> List<T> {
    /// Reads one page.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the limit is not 1 to 100; [`Error::Decode`] if the API announces another page
    /// without its cursor. Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.prices().list().page().await?;
    /// if let Some(cursor) = &page.next_cursor {
    ///     let next = flowglad.prices().list().cursor(cursor.as_str()).page().await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn page(&self) -> Result<Page<T>, Error> {
        let limit = match self.limit {
            Some(limit @ 1..=MAX_LIMIT) => Some(limit.to_string()),
            None => None,
            Some(_) => return Err(InvalidInput::new(LIMIT, format!("must be 1 to {MAX_LIMIT}")).into()),
        };
        let call = Call::empty().and_query(CURSOR, self.cursor.as_deref()).and_query(LIMIT, limit);
        let response = self.flowglad.call(self.endpoint, call).await?;
        Page::from_response(response).map_err(|error| error.into_error(&self.endpoint.route(), None))
    }

    /// Reads the records of all pages, one after the other.
    ///
    /// If the API returns the same cursor twice, the stream ends with [`Error::Decode`], since the list would never
    /// end.
    pub fn stream(self) -> Records<T> {
        let pages = stream::try_unfold(Some(Ok(Reading { list: self, seen: HashSet::new() })), Reading::next_page);
        Records { records: pages.map_ok(|page| stream::iter(page.data.into_iter().map(Ok))).try_flatten().boxed() }
    }
}

/// The state after one page. `None`: it was the last one.
type Rest<T> = Option<Result<Reading<T>, Error>>;

/// The state of a list that is read page by page.
struct Reading<T: 'static> {
    list: List<T>,
    seen: HashSet<String>,
}

impl<T: DeserializeOwned + Send + Sync> Reading<T> {
    /// An error about a cursor is reported after the records of its page.
    async fn next_page(reading: Option<Result<Self, Error>>) -> Result<Option<(Page<T>, Rest<T>)>, Error> {
        let Some(reading) = reading.transpose()? else { return Ok(None) };
        let page = reading.list.page().await?;
        let rest = page.next_cursor.as_deref().map(|cursor| reading.move_to(cursor));
        Ok(Some((page, rest)))
    }

    fn move_to(mut self, cursor: &str) -> Result<Self, Error> {
        self.seen.extend(self.list.cursor.take());
        if self.seen.contains(cursor) {
            let error = DecodeError::new("nextCursor", "the cursor came before, so the list would never end");
            return Err(error.into_error(&self.list.endpoint.route(), None));
        }
        self.list.cursor = Some(cursor.to_owned());
        Ok(self)
    }
}

impl<T> Page<T> {
    fn from_response(response: Response<PageReply<T>>) -> Result<Self, DecodeError> {
        let whole = response.raw().clone();
        let PageReply { data, has_more, next_cursor, total } = response.into_record();
        if has_more && next_cursor.is_none() {
            return Err(DecodeError::new("nextCursor", "there is more, but not said where"));
        }
        let Parts { data: parts } = whole.decode_borrowed()?;
        let records = data.into_iter().zip(parts).map(|(record, part)| Response::new(record, whole.slice(part)));
        Ok(Self { data: records.collect(), total, next_cursor: next_cursor.filter(|_| has_more) })
    }
}

impl<T> Records<T> {
    /// Returns the next record, or `None` after the last one.
    ///
    /// # Errors
    /// The same as [`List::page`]. After an error, every further call returns `None`.
    pub async fn next(&mut self) -> Option<Result<Response<T>, Error>> {
        self.records.next().await
    }
}

impl<T> Stream for Records<T> {
    type Item = Result<Response<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.records.poll_next_unpin(context)
    }
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        let Self { flowglad, endpoint, limit, cursor } = self;
        Self { flowglad: flowglad.clone(), endpoint, limit: *limit, cursor: cursor.clone() }
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("List");
        debug.field("operation", &self.endpoint.route().operation).field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Records<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").finish_non_exhaustive()
    }
}
