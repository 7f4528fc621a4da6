/** What masks are made of. At most eight letters each, so that a full name fits into varchar(20). */
const words = (text: string): string[] => text.trim().split(/\s+/);

export const firstNames = words(`
  Ada Alma Amelia Anders Anna Anton Aria Astrid Bela Bruno Carla Cora Dario Diego Edith Elif Elena Emil
  Emma Enzo Esther Eva Farah Felix Frida Gino Greta Hana Hugo Ida Ines Iris Ivan Jonas Julia Kaito Karim
  Lara Lena Leo Lina Lucia Luca Mahir Maja Marta Mateo Mila Nadia Nils Noah Nora Olivia Omar Oscar Paula
  Petra Rafael Rosa Ruth Samir Sofia Theo Vera`);

export const lastNames = words(`
  Abbott Adler Almeida Amari Arnold Bauer Becker Bell Berg Blanc Bosch Brandt Castro Chen Conti Costa Cruz
  Dahl Duarte Eriksen Farkas Ferrari Fischer Fontana Garcia Greco Haas Hansen Hoffman Horvat Ito Jansen
  Kaya Keller Khan Kovacs Larsen Lindgren Lopez Marino Meyer Moreau Moretti Mori Nagy Novak Okafor Olsen
  Park Pereira Popescu Reyes Ricci Rossi Santos Sato Schmidt Silva Stein Tanaka Toth Vargas Weber Yilmaz`);

export const companyNames = words(`
  Amber Anchor Arbor Aspen Atlas Aurora Beacon Birch Boreal Bright Canyon Cedar Cobalt Copper Coral Crown
  Delta Ember Everest Falcon Fjord Garnet Glacier Granite Harbor Hazel Heron Horizon Indigo Island Jasper
  Juniper Keystone Lagoon Lantern Larch Linden Lotus Maple Marble Meadow Mercury Nimbus North Oak Onyx Orchard
  Osprey Pearl Pine Prairie Quartz Raven Ridge River Saffron Sierra Silver Spruce Summit Timber Vista Willow Zenith`);

export const companyKinds = words(`
  Foods Freight Labs Health Media Systems Studio Textiles Energy Tools Design Services Mills Travel Works Group`);

/** Plain ASCII, so that bytes are characters: cutting bytes is several times faster than characters. */
export const prose =
  `the quick report was read by all and most of them had a note to add before it went to print so the team kept
 one list of open points and met again on the next day to go over each line in turn while others wrote the
 first draft of the plan for the new season and set out what it would take to ship it on time with a small
 crew and a fixed sum of money that had to last until the end of the year when the books are closed and the
 rest is put aside for repairs of the old roof which lets in the rain on windy days in spring and in autumn
 when leaves block the gutters and somebody has to climb up with a ladder and a bucket to clear them by hand
`.replaceAll("\n", "");
