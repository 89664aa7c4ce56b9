import chelsea from '../../assets/images/chelsea.png?url';
import coffee from '../../assets/images/coffee.png?url';
import moose from '../../assets/images/moose.webp?url';
import rocket from '../../assets/images/rocket.jpg?url';

/** A picture that the page comes with: assets/images/README.md says where each is from. */
export interface Sample {
  readonly name: string;
  readonly title: string;
  readonly url: string;
  /** The one network that it is for. @defaultValue all */
  readonly network?: string;
}

export const samples: readonly Sample[] = [
  { name: 'chelsea', title: 'a cat', url: chelsea },
  { name: 'moose', title: 'a moose', url: moose },
  { name: 'rocket', title: 'a rocket', url: rocket },
  { name: 'coffee', title: 'a cup of coffee', url: coffee },
  { name: 'meal', title: 'a meal', url: './models/meal.jpg', network: 'qvac' }, // fetched with it: npm run page:model
];
