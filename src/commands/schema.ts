/** `fdir schema NAME`: JSON Schemas of every document, and the AsyncAPI document of the topics. */
import { Argument, type Command } from 'commander';
import { stringify } from 'yaml';
import { asyncApi } from '../config/asyncapi';
import { documentNames, documentSchema } from '../config/documents';

const ASYNC_API = 'asyncapi';

const print = (name: string): void => {
  const document = documentNames.find((word) => word === name);
  // Long lines stay whole: a description that is broken differently would be another file.
  const text =
    document === undefined
      ? stringify(asyncApi(), { lineWidth: 0 })
      : `${JSON.stringify(documentSchema(document), undefined, 2)}\n`;
  process.stdout.write(text);
};

/** Adds the verb `schema` to the program. */
export const register = (program: Command): void => {
  program
    .command('schema')
    .description('print the JSON Schema of a document, for editors, or the AsyncAPI document of the topics')
    .addArgument(new Argument('<name>', 'name of the document').choices([...documentNames, ASYNC_API]))
    .action(print);
};
