//! The Lambda function `connect-vpc`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    connect_vpc::run().await
}
