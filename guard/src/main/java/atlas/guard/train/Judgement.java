package atlas.guard.train;

import atlas.guard.measure.Row;

/**
 * What models that never saw a row's source think of it.
 *
 * @param number of the row among all
 * @param plain margin of n-grams alone, the mean of both heads
 * @param margins linear speaker and carried, encoder's speaker and carried
 */
record Judgement(int number, int fold, Row row, double plain, double[] margins) {}
