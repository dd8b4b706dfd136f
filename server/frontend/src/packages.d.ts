/* Style sheets of packages are bundled as texts: views/styles.ts adopts them. */
declare module "*.css" {
  const text: string;
  export default text;
}
