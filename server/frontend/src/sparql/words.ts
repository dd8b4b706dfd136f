/* The words of SPARQL 1.1 and 1.2, in the form in which they are completed. */

const split = (text: string): readonly string[] => text.trim().split(/\s+/);

export const KEYWORDS = split(`
  ADD ALL AS ASC ASK BASE BIND BY CLEAR CONSTRUCT COPY CREATE DATA DEFAULT DELETE DESC DESCRIBE DISTINCT DROP
  EXISTS FILTER FROM GRAPH GROUP HAVING IN INSERT INTO LIMIT MINUS MOVE NAMED NOT OFFSET OPTIONAL ORDER PREFIX
  REDUCED SELECT SERVICE SILENT TO UNDEF UNION USING VALUES VERSION WHERE WITH
`);

export const FUNCTIONS = split(`
  ABS AVG BNODE BOUND CEIL COALESCE CONCAT CONTAINS COUNT DATATYPE DAY ENCODE_FOR_URI FLOOR GROUP_CONCAT HOURS IF
  IRI LANG LANGDIR LANGMATCHES LCASE MAX MD5 MIN MINUTES MONTH NOW OBJECT PREDICATE RAND REGEX REPLACE ROUND SAMPLE
  SECONDS SHA1 SHA256 SHA384 SHA512 STR STRAFTER STRBEFORE STRDT STRENDS STRLANG STRLANGDIR STRLEN STRSTARTS
  STRUUID SUBJECT SUBSTR SUM TIMEZONE TRIPLE TZ UCASE URI UUID YEAR hasLANG hasLANGDIR isBLANK isIRI isLITERAL
  isNUMERIC isTRIPLE isURI sameTerm
`);

const KNOWN_KEYWORDS = new Set([...KEYWORDS, "SEPARATOR", "LOAD"]);
const KNOWN_FUNCTIONS = new Set(FUNCTIONS.map((word) => word.toUpperCase()));

/** What a bare word is: words are compared without regard to case (SPARQL 1.1, section 19.8). */
export function classify(word: string): "keyword" | "function" | "boolean" | "a" | "unknown" {
  const upper = word.toUpperCase();
  if (word === "a") return "a";
  if (upper === "TRUE" || upper === "FALSE") return "boolean";
  if (KNOWN_KEYWORDS.has(upper)) return "keyword";
  return KNOWN_FUNCTIONS.has(upper) ? "function" : "unknown";
}
