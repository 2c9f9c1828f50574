/**
 * A database, and a function in another VPC that connects to it by its own name. The VPCs have the
 * same addresses, and nothing connects them but the tags.
 */
import { App, Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc, type VpcProps } from 'aws-cdk-lib/aws-ec2';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import {
  DatabaseInstance,
  DatabaseInstanceEngine,
  PostgresEngineVersion,
} from 'aws-cdk-lib/aws-rds';
import { consume, expose } from './trellis';

const PRIVATE: VpcProps = {
  maxAzs: 2,
  subnetConfiguration: [{ name: 'private', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 26 }],
};

const app = new App();
// `cdk deploy --all --context network=off` connects nothing yet, or no longer.
const network: string = app.node.tryGetContext('network') ?? 'databases';

const orders = new Stack(app, 'orders');
const provider = new Vpc(orders, 'Vpc', PRIVATE);
const database = new DatabaseInstance(orders, 'Database', {
  engine: DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_17_9 }),
  vpc: provider,
  vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
  storageEncrypted: true,
});
expose(database, network);

const shop = new Stack(app, 'shop');
const consumer = new Vpc(shop, 'Vpc', PRIVATE);
const clients = consume(consumer, network);
new Function(shop, 'Client', {
  runtime: Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: Code.fromInline(`
    const { connect } = require('node:net');
    exports.handler = () => new Promise((resolve, reject) => {
      const socket = connect(process.env.PORT, process.env.HOST);
      socket.once('connect', () => { socket.end(); resolve('connected'); }).once('error', reject);
    });`),
  environment: {
    HOST: database.dbInstanceEndpointAddress,
    PORT: database.dbInstanceEndpointPort,
  },
  vpc: consumer,
  vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
  securityGroups: [clients],
});
