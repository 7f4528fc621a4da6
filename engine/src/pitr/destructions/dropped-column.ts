/**
 * A column is dropped by an update of its row in pg_attribute, which gives it the name "........pg.dropped.<number>........"
 * (src/backend/catalog/heap.c). The log has the new row's bytes as far as they changed, or the page that it is on.
 */
const newName = Buffer.from("........pg.dropped.", "latin1");

/**
 * @param data what the record says of the row; null where it has the page
 * @param page of 8 KiB, as it is after the update
 * @param line the row's line on the page, from 1
 */
export function dropsColumn(
  data: Buffer | null,
  page: Buffer | null,
  line: number | undefined,
): boolean {
  if (data?.includes(newName)) return true;
  if (page === null || line === undefined) return false;
  return rowOn(page, line).includes(newName);
}

/** ItemIdData of src/include/storage/itemid.h, behind the page's header of 24 bytes: offset of 15 bits, 2 flags, length. */
function rowOn(page: Buffer, line: number): Buffer {
  const at = 24 + 4 * (line - 1);
  if (at + 4 > page.length) return Buffer.alloc(0);
  const item = page.readUInt32LE(at);
  const offset = item & 0x7fff;
  return page.subarray(offset, offset + (item >>> 17));
}
