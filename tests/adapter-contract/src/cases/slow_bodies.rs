//! Bodies that arrive slowly, in part or never.

use std::time::Duration;

use flowglad_core::action::RequestHandler;
use futures_util::future::join_all;

use crate::{
    App, Start,
    app::ADA,
    raw_connection::{Length, RawConnection},
    samples::script,
};

const LENGTHS: [Length; 2] = [Length::Bytes(1000), Length::Chunked];

/// The beginning of a body, longer than what Rocket reads on its own before any handler.
const BEGINNING: &str = r#"{"subscriptionId": "sub_"#;

fn beginning(length: Length) -> String {
    match length {
        Length::Bytes(_) => BEGINNING.to_owned(),
        Length::Chunked => chunk(BEGINNING),
    }
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

fn quick(handler: RequestHandler) -> RequestHandler {
    handler.with_body_time_limit(Duration::from_millis(50)).with_body_limit(usize::MAX.try_into().unwrap())
}

fn assert_timed_out(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains(r#""code":"request_timeout""#), "{answer}");
}

/// A body that stalls is answered with a 408, and the connection ends.
pub async fn a_body_that_stalls_is_a_request_timeout(start: Start) {
    let app = App::start_with(start, quick).await;
    for (action, session) in [("resources/usages", Some(ADA)), ("pricing-models/retrieve", None)] {
        for length in LENGTHS {
            let mut connection = RawConnection::with_head(&app, action, session, length).await;
            connection.send(beginning(length).as_bytes()).await;
            assert_timed_out(&connection.rest().await);
        }
    }
    assert!(app.upstream.requests().await.is_empty());
}

/// The limit is for the whole body: connections that send byte after byte end as well, all at the same time.
pub async fn bodies_that_trickle_are_request_timeouts(start: Start) {
    let app = App::start_with(start, quick).await;
    let trickle = async |_| {
        let length = Length::Bytes(1 << 40);
        let connection = RawConnection::with_head(&app, "resources/usages", Some(ADA), length).await;
        connection.rest_while_sending(b' ').await
    };
    for answer in join_all((0..10).map(trickle)).await {
        assert_timed_out(&answer);
    }
    assert!(app.upstream.requests().await.is_empty());
}

/// An anonymous caller is refused before the body is read, and the connection ends.
pub async fn an_anonymous_caller_is_refused_before_the_body_is_read(start: Start) {
    let app = App::start_with(start, |handler| handler.with_body_time_limit(Duration::from_secs(600))).await;
    for length in LENGTHS {
        let mut connection = RawConnection::with_head(&app, "resources/usages", None, length).await;
        connection.send(beginning(length).as_bytes()).await;
        let answer = connection.rest().await;
        assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("unauthorized"), "{length:?}: {answer}");
    }
}

/// A chunked body that breaks is not taken for a whole one, wherever it breaks.
pub async fn a_chunked_body_that_breaks_is_not_a_whole_one(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    for sent in ["", "2\r\n", "2\r\n{}", "2\r\n{}\r\n", &chunk(r#"{"subscriptionId":"sub_1"}"#), &chunk(BEGINNING)] {
        let mut connection = RawConnection::with_head(&app, "resources/usages", Some(ADA), Length::Chunked).await;
        connection.send(sent.as_bytes()).await;
        connection.stop_sending().await;
        let answer = connection.rest().await;
        // A server may also end the connection without a response.
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{sent:?}: {answer}");
    }
    assert!(app.upstream.requests().await.is_empty());
}

/// A chunked body that is whole is read, also an empty one.
pub async fn a_whole_chunked_body_is_read(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    for chunks in ["", &chunk("{}"), &(chunk("{\"subscription") + &chunk("Id\":\"sub_1\"}"))] {
        let mut connection = RawConnection::with_head(&app, "resources/usages", Some(ADA), Length::Chunked).await;
        connection.send(format!("{chunks}0\r\n\r\n").as_bytes()).await;
        assert_eq!(connection.status().await, 200, "{chunks}");
    }
}
