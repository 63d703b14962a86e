/** How much of it a long run makes: `usual` for MOCKUBE_LONG=1, else the number it says; 0 where nobody asks for one. */
export const longRun = (usual: number): number => (process.env.MOCKUBE_LONG === "1" ? usual : Number(process.env.MOCKUBE_LONG ?? 0));
