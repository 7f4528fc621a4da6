/** What masks are made of. */
const words = (text: string): string[] => text.trim().split(/\s+/);

export const firstNames = words(`
  Abel Agnes Alba Alina Amir Andrea Arthur Aylin Beata Boris Clara Dana Daniel Dina Edgar Elena Emre Erik Eva Fatima
  Felix Freya Gabriel Greta Hanna Henrik Ilse Imani Ivo Jana Joel Jonas Kaja Karl Kira Laszlo Lea Leon Lia Linus
  Lucia Malik Mara Marek Mila Naomi Nico Nina Noel Olga Otto Paul Rania Remi Rosa Samuel Sara Tamar Tariq Theo
  Tilda Uma Vera Yara`);

export const lastNames = words(`
  Albers Amado Andric Arendt Baran Bello Berger Bianchi Borg Brandt Campos Cerny Dahl Darwish Demir Dias Ebner Egger
  Falk Faria Fiala Gallo Gruber Haddad Hahn Halla Hagen Hirsch Holm Iversen Jacobs Janik Kamau Kato Kern Klein
  Kowal Lang Leroy Lind Lund Maier Marin Mendes Mori Nasser Neri Novak Okoye Olsen Pavlov Pinto Ramos Renner
  Riva Roth Sanna Silva Sorensen Tamm Torres Varga Weiss Zeman`);

export const companyNames = words(`
  Alder Amber Basalt Beacon Birch Brook Cedar Cliff Cobalt Cove Delta Dune Elm Ember Fern Flint Garnet Glade Grove
  Harbor Hazel Heath Iris Ivory Juniper Kestrel Lark Linden Maple Marsh Moss Nettle`);

export const companyKinds = words(`
  Foods Freight Labs Health Media Systems Studio Textiles Energy Tools Design Services Mills Travel Works Group`);

/** None of them exists. */
export const cities = words(`
  Ashbrook Birchmoor Cedarfield Coldwater Dunmere Eastholm Elmstead Fairhaven Fernhill Glenrock Greyport Hartwell
  Highcross Ivybridge Kingsmere Lakemont Larchwood Maplevale Millgate Northfell Oakhollow Pinecrest Queensford
  Redcliff Ridgeway Riverton Sandmere Stonebury Thornfield Valemont Westmarsh Willowdale`);

export const countries = words(`
  Argentina Australia Austria Belgium Brazil Canada Chile Croatia Denmark Estonia Finland France Germany Greece
  Hungary Iceland India Ireland Italy Japan Kenya Latvia Mexico Morocco Norway Peru Poland Portugal Spain Sweden
  Turkey Uruguay`);

export const countryCodes = words(
  "AR AU AT BE BR CA CL HR DK EE FI FR DE GR HU IS IN IE IT JP KE LV MX MA NO PE PL PT ES SE TR UY",
);

export const streets = words(
  "Alder Bridge Castle Chapel Garden Hill Lake Lower Market Mill Orchard Park School Spring Upper Valley",
).map((name) => `${name} Street`);

export const titles = ["Mr.", "Ms.", "Dr.", "Prof."];

export const prose =
  "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua ut enim ad minim veniam quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur excepteur sint occaecat cupidatat non proident sunt in culpa qui officia deserunt mollit anim id est laborum";
