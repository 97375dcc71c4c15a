export { InstancesPage } from './instances-page.tsx';
