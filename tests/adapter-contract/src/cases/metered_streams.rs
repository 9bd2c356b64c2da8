//! Response bodies that are charged while they are sent.

use crate::{
    Start,
    cases::metered_costs::MeteredApp,
    metered::{COUNTED, Job, WORK_HEADER, streams},
    raw_connection::RawConnection,
};

/// A stream is charged by its bytes, or by what its handler has counted until its end.
pub async fn a_stream_is_charged_by_its_bytes_or_by_what_is_counted(start: Start) {
    let this = MeteredApp::start(start, 1_000).await;
    for (path, _) in streams() {
        let name = format!("{path} {}", this.app.address());
        let job = Job::named(&name);
        job.send("0123456789");
        let mut response = this.doing(path, &name).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(&*response.chunk().await.unwrap().unwrap(), b"0123456789");
        job.send("0123456789a");
        job.end_stream();
        assert_eq!(&*response.bytes().await.unwrap(), b"0123456789a");
    }
    assert_eq!(this.amounts().await, [3, 21]);
}

/// A client that leaves in the middle of a stream pays for what was sent.
pub async fn a_client_that_leaves_in_the_middle_pays_for_what_was_sent(start: Start) {
    let this = MeteredApp::start(start, 1_000).await;
    for ((path, _), times) in streams().into_iter().zip(1..) {
        let name = format!("left {path} {}", this.app.address());
        let job = Job::named(&name);
        job.send("0123456789abcde");
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: app\r\nx-session: user_42\r\n{WORK_HEADER}: {name}\r\ncontent-length: 0\r\n\r\n"
        );
        let mut connection = RawConnection::with_request(&this.app, &head).await;
        connection.until("0123456789abcde").await;
        drop(connection);
        // The app notices when it has more to send.
        while this.flowglad.usage().stats().recorded < times {
            job.send_if_open("x");
            assert_eq!(this.app.visit(None, "/elsewhere").await.status, 200);
        }
    }
    let amounts = this.amounts().await;
    // Some chunks may have been on their way before the app noticed.
    assert!(amounts[0] >= 2 && amounts[1] >= 15, "{amounts:?}");
}

/// The client does not have all of a body before it is durably charged, whether its length is announced or not.
pub async fn a_body_is_durably_charged_before_its_end_is_sent(start: Start) {
    let this = MeteredApp::start(start, 1_000).await;
    for (path, times) in ["/metered/bytes", COUNTED, "/metered/three", "/metered/of-response"].into_iter().zip(1..) {
        let response = this.post(path).send().await.unwrap();
        assert_eq!(response.content_length(), Some(4), "{path}");
        assert_eq!(&*response.bytes().await.unwrap(), b"done");
        assert_eq!(this.flowglad.usage().stats().recorded, times, "{path}");
    }
    let name = format!("ends {}", this.app.address());
    let job = Job::named(&name);
    job.send("0123456789");
    job.end_stream();
    let response = this.doing("/metered/stream-of-bytes", &name).send().await.unwrap();
    assert_eq!(response.content_length(), None);
    assert_eq!(&*response.bytes().await.unwrap(), b"0123456789");
    assert_eq!(this.flowglad.usage().stats().recorded, 5);
}
