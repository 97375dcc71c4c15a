/** For `node --import`: a server of a version that defines one channel differently. */
import { contract } from '@processflow/db/contract';

Object.assign(contract, { role_changes: '0000000000000000' });
