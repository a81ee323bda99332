/** Keeps the drawing in the browser, so that nothing is lost when the page, the browser or the server goes. Depends on IndexedDB. */

const store = 'drawings';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('pix2pixhd-editor', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** The drawing that was kept under a name. */
export async function kept(name: string): Promise<string | undefined> {
  const database = await open();
  const text: unknown = await done(database.transaction(store).objectStore(store).get(name));
  database.close();
  return typeof text === 'string' ? text : undefined;
}

/** Keeps a drawing. */
export async function keep(name: string, text: string): Promise<void> {
  const database = await open();
  await done(database.transaction(store, 'readwrite').objectStore(store).put(text, name));
  database.close();
}
