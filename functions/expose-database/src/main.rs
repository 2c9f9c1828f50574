//! The Lambda function `expose-database`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    expose_database::run().await
}
