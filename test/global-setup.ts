export { ensureBundles as setup } from '../scripts/build.mjs';
