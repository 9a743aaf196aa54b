/** Names that a captured value may have. */
export const NAME = /^[A-Za-z][\w.-]*$/

/** Names of headers. */
export const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/

/**
 * The characters that HTTP allows in a header (RFC 9110 section 5.5) and fetch can send: no line ends, nothing beyond
 * Latin-1.
 */
export const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/

/** Address of a custom call: without user, query or braces. */
export const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@{}\\]+(\/[^\s?#{}\\]*)?$/
